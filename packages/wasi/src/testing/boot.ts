/** For tests of this package: a booted kernel, files and children on it, and what a program writes. */
import { AT_FDCWD, O_CREAT, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'

export const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${rc}`)
  return rc
}

/** A kernel on which a system call that throws fails the test. */
export const bootForTest = (lsms: readonly Lsm[]): Kernel =>
  bootKernel({
    stack: createStack({ lsms }),
    onPanic: (syscall, error) => {
      throw new Error(`${syscall} threw`, { cause: error })
    },
  })

/** A file made by init. */
export const writeFile = ({ sys, init }: Kernel, path: string, contents: Uint8Array | string, mode = 0o644): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0o700), path)
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents
  for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
  must(sys.fchmod(init, fd, mode), path)
  sys.close(init, fd)
}

export const makeDir = ({ sys, init }: Kernel, path: string, mode = 0o755): void => {
  must(sys.mkdir(init, path, mode), path)
  must(sys.chmod(init, path, mode), path)
}

/** A child of init; with `uid` one of that user, without capabilities. */
export const childOf = ({ sys, machine, init }: Kernel, uid = 0): Task => {
  const child = machine.tasks.find(must(sys.fork(init), 'fork')) as Task
  if (uid !== 0) {
    must(sys.setgroups(child, 0, []), 'setgroups')
    must(sys.setresgid(child, uid, uid, uid), 'setresgid')
    must(sys.setresuid(child, uid, uid, uid), 'setresuid')
  }
  return child
}

/** Collects what a program writes. */
export const collect = () => {
  const decoder = new TextDecoder()
  let text = ''
  return { sink: (bytes: Uint8Array) => void (text += decoder.decode(bytes, { stream: true })), text: () => text }
}
