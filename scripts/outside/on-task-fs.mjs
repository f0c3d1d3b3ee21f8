/**
 * For `node --import`: puts a kernel's files in the place of `node:fs`. OUTSIDE_FOLDER of the host is there at the same
 * path, and changes to it stay in memory. /tmp is in memory; so is /mnt, a device of its own. It runs on the sources
 * of this clone.
 */
import { capability } from '../../packages/capability/src/index.ts'
import { createStack } from '../../packages/core/src/index.ts'
import { hostfs } from '../../packages/kernel/src/hostfs.ts'
import { bootKernel } from '../../packages/kernel/src/index.ts'
import { installFs } from '../../packages/node/src/install.ts'

const folder = process.env.OUTSIDE_FOLDER
const kernel = bootKernel({
  stack: createStack({ lsms: [capability()] }),
  mounts: [{ type: hostfs({ path: folder }), target: '/host' }, { type: 'tmpfs', target: '/mnt' }],
})
const { sys, init } = kernel
const home = process.cwd()
const umask = process.umask()
const fs = installFs(kernel, init)
for (const path of ['/changes/upper', '/changes/work', folder, '/tmp']) fs.mkdirSync(path, { recursive: true })
const options = 'lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work'
const rc = sys.mount(init, 'overlay', folder, 'overlay', 0, options)
if (rc !== 0) throw new Error(`the folder could not be mounted: ${rc}`)
process.chdir(home)
process.umask(umask)
