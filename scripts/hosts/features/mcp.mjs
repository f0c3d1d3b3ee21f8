import { ToolGuard } from '@lsmkit/mcp'
import { createSandbox, memory } from '@lsmkit/sandbox'
import { equal } from '../equal.mjs'

export default async () => {
  const box = await createSandbox({ inline: true, allow: { read: ['/data'] }, mounts: { '/data': memory() } })
  await box.fs.writeFile('/data/list', 'tea')
  const guard = new ToolGuard(box, 'policy')
  const read = guard.tool({ name: 'read', paths: { path: 'read' } }, (_args, { opened }) => ({
    content: [{ type: 'text', text: new TextDecoder().decode(opened.path?.readAll()) }],
  }))
  equal((await read({ path: '/data/list' })).content[0].text, 'tea')
  equal((await read({ path: '/proc/version' })).content.at(-1).text.includes('refused by landlock'), true)
  await box.close()
}
