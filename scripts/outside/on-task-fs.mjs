/**
 * For `node --import`: puts a kernel's files in the place of `node:fs`. OUTSIDE_FOLDER of the host is there at the same
 * path, and changes to it stay in memory. /tmp is in memory; so is /mnt, a device of its own. It runs on the sources
 * of this clone, or on the packages that are installed in the folder LSMKIT_PACKAGES.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const installed = process.env.LSMKIT_PACKAGES
const from = createRequire(join(installed ?? join(import.meta.dirname, '../../packages/node'), 'package.json'))
/** The entry point of a package; they are ES modules, which Node's resolver of CommonJS finds too. */
const load = (name) => import(pathToFileURL(from.resolve(name)).href)
const { capability } = await load('@lsmkit/capability')
const { createStack } = await load('@lsmkit/core')
const { hostfs } = await load('@lsmkit/kernel/hostfs')
const { bootKernel } = await load('@lsmkit/kernel')
const { installFs } = await load('@lsmkit/node/install')

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
