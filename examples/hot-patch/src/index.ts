/**
 * A hole is found while the system runs: a function goes on one hook, at once and for every task, and comes off again
 * when the fix is out. Nothing else is rebuilt.
 */
import { AT_FDCWD, EPERM, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Link, Stack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

/** Until further notice nobody writes where the loader looks for libraries. */
export const freezeLibraries = (stack: Stack): Link =>
  stack.attach('file_open', (file) => {
    const isWrite = (file.f_flags & O_WRONLY) !== 0
    return isWrite && file.f_path.dentry.d_name.name.endsWith('.so') ? -EPERM : 0
  })

/** A system with one library, and an attempt to overwrite it. */
export const runningSystem = () => {
  const stack = createStack({ lsms: [capability()] })
  const { sys, init } = bootKernel({ stack })
  const overwrite = (): number => {
    const fd = sys.openat(init, AT_FDCWD, '/libc.so', O_CREAT | O_WRONLY, 0o755)
    return fd < 0 ? fd : sys.close(init, fd)
  }
  return { stack, overwrite }
}
