/** A first stack: one LSM of your own, a kernel that asks it, and a file that cannot be opened. */
import { AT_FDCWD, EACCES, errnoName, O_CREAT, O_RDONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

/** Nobody opens a file whose name ends in .key. */
const vault = () =>
  defineLsm({
    name: 'vault',
    abi: '1.0',
    hooks: {
      file_open: (file) => (file.f_path.dentry.d_name.name.endsWith('.key') ? -EACCES : 0),
    },
  })

const stack = createStack({ lsms: [capability(), vault()] })
const { sys, init } = bootKernel({ stack })

for (const name of ['/notes.txt', '/host.key']) {
  const answer = sys.openat(init, AT_FDCWD, name, O_CREAT | O_RDONLY, 0o600)
  console.log(`open ${name}: ${answer >= 0 ? 'ok' : `${errnoName(answer)} by ${stack.denial?.lsm}`}`)
}
// open /notes.txt: ok
// open /host.key: EACCES by vault
