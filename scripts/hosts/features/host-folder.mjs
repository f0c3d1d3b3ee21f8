import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import { equal } from '../equal.mjs'

export default async ({ bytes, folder }) => {
  if (folder === null) throw new Error('the host has no folders')
  const box = await createSandbox({
    inline: true, allow: { read: ['/host'], write: ['/host'] },
    mounts: { '/host': hostFolder(folder, { writable: true }) },
  })
  try {
    await box.fs.writeFile('/host/list', 'tea')
    equal((await box.run(await bytes('cat'), { args: ['/host/list'] })).stdout, 'tea')
  } finally {
    await box.close()
  }
}
