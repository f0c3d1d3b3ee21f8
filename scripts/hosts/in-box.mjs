/** A box whose program reads what it may, and is refused the rest. */
import { createSandbox, memory } from '@lsmkit/sandbox'
import { equal } from './equal.mjs'

export const inBox = async ({ bytes }, inline) => {
  const box = await createSandbox({ inline, allow: { read: ['/data'] }, mounts: { '/data': memory() } })
  try {
    await box.fs.writeFile('/data/list', 'tea')
    const cat = await bytes('cat')
    equal((await box.run(cat, { args: ['/data/list'] })).stdout, 'tea')
    equal((await box.run(cat, { args: ['/proc/version'] })).denials[0]?.by, 'landlock')
  } finally {
    await box.close()
  }
}
