/** For tests of this package: a booted kernel, children of its init, and the hooks that calls ask. */
import { AT_FDCWD, CAP_EMPTY_SET, CAP_SYS_PTRACE, capAssign, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { cap_capable, createStack, defineLsm, hookNames, ptraceCapsCover } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { bootKernel } from '../boot/kernel.ts'
import type { BootOptions } from '../boot/kernel.ts'
import { threadOf } from '../state/task/thread.ts'

/** Capabilities as far as these tests need them: the pure functions of core, on their hooks. */
export const plainCapability = (): Lsm =>
  defineLsm({
    name: 'capability',
    abi: '1.0',
    id: 100,
    order: 'first',
    hooks: ({ current }) => ({
      capable: (cred, ns, cap) => cap_capable(cred, ns, cap),
      ptrace_access_check: (child, mode) =>
        ptraceCapsCover(current.task.cred, child.real_cred, mode)
          ? 0
          : cap_capable(current.task.cred, child.real_cred.user_ns, CAP_SYS_PTRACE),
    }),
  })

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${rc}`)
  return rc
}

export const bootForTest = ({ lsms = [], ...options }: Partial<BootOptions> & { lsms?: readonly Lsm[] } = {}) => {
  const stack = createStack({ lsms: [plainCapability(), ...lsms] })
  const kernel = bootKernel({
    stack,
    onPanic: (syscall, error) => {
      throw new Error(`${syscall} threw`, { cause: error })
    },
    ...options,
  })
  const { init, sys, machine } = kernel
  must(sys.mkdir(init, '/tmp', 0o777), 'mkdir')
  must(sys.chmod(init, '/tmp', 0o1777), 'chmod')

  /** A file with these bytes and permissions, made by init. */
  const file = (path: string, contents: Uint8Array | string, mode = 0o644): void => {
    const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0o700), path)
    sys.write(init, fd, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents)
    must(sys.fchmod(init, fd, mode), 'fchmod')
    sys.close(init, fd)
  }

  /** A child; with `uid` one of that user without capabilities, dumpable as after a login. */
  const fork = (parent: Task = init, uid = 0): Task => {
    must(sys.fork(parent), 'fork')
    const child = [...threadOf(parent).children].at(-1)!
    if (uid !== 0) become(child, uid)
    return child
  }
  const become = (task: Task, uid: number): void => {
    must(sys.setgroups(task, 0, []), 'setgroups')
    must(sys.setresgid(task, uid, uid, uid), 'setresgid')
    must(sys.setresuid(task, uid, uid, uid), 'setresuid')
    const { cred } = task
    for (const set of [cred.cap_effective, cred.cap_permitted, cred.cap_inheritable, cred.cap_ambient])
      capAssign(set, CAP_EMPTY_SET)
    task.mm!.dumpable = 1
  }

  /** What a file holds, or -errno. */
  const cat = (task: Task, path: string): string | number => {
    const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
    if (fd < 0) return fd
    const buf = new Uint8Array(65536)
    const n = sys.read(task, fd, buf)
    sys.close(task, fd)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
  }

  /** The hooks asked while `run` runs; put-off work is left out. */
  const trace = (run: () => void): string[] => {
    const seen: string[] = []
    const links = hookNames.map((name) => stack.observe(name, { entry: () => void (machine.inRcu || seen.push(name)) }))
    run()
    for (const link of links) link.detach()
    return seen
  }

  return { ...kernel, stack, file, fork, become, cat, trace }
}
export type TestKernel = ReturnType<typeof bootForTest>
