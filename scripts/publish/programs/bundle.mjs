/** A kernel with a stack, without anything of Node: runs bundled, in Node and in a browser. */
import { AT_FDCWD, EACCES, O_CREAT } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

const vault = defineLsm({
  name: 'vault',
  abi: '1.0',
  hooks: { file_open: (file) => (file.f_path.dentry.d_name.name.endsWith('.key') ? -EACCES : 0) },
})
const stack = createStack({ lsms: [capability(), vault] })
const { sys, init } = bootKernel({ stack })
const answers = ['/motd', '/host.key'].map((path) => Math.min(0, sys.openat(init, AT_FDCWD, path, O_CREAT, 0o600)))
const verdict = `${stack.names} answer ${answers}`
if (typeof document === 'undefined') console.log(verdict)
else document.body.textContent = verdict
