import { createSandbox, memory } from '@lsmkit/sandbox'
import { equal } from '../equal.mjs'

export default async ({ bytes }) => {
  const box = await createSandbox({
    inline: true, allow: { read: ['/bin'], exec: ['/bin'] }, mounts: { '/bin': memory() },
  })
  try {
    for (const name of ['sh', 'cat']) await box.fs.writeFile(`/bin/${name}`, await bytes(name), { mode: 0o755 })
    equal((await box.run(await bytes('sh'), { args: ['-c', 'echo one | /bin/cat'] })).stdout, 'one\n')
  } finally {
    await box.close()
  }
}
