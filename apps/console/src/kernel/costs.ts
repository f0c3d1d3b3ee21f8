/**
 * What the hooks that programs ask most cost on this stack: asked again and again with real arguments, on a machine
 * like the one that runs, where nothing is recorded.
 */
import { AT_FDCWD, CAP_SYS_ADMIN, MAY_READ, O_RDONLY, PROT_READ } from '@lsmkit/abi'
import type { File, LsmTable, Task } from '@lsmkit/core'
import { createSubject } from '@lsmkit/cli/subject'
import type { Machine } from './machine.ts'
import type { HookCost } from './protocol.ts'
import { VISITOR_UID } from './tree.ts'

type Ask = (lsm: LsmTable, file: File, task: Task) => number

/** Questions that change nothing, however often they are asked. */
const questions: Readonly<Record<string, Ask>> = {
  inode_permission: (lsm, file) => lsm.inode_permission.ask(file.f_inode, MAY_READ),
  inode_getattr: (lsm, file) => lsm.inode_getattr.ask(file.f_path),
  file_open: (lsm, file) => lsm.file_open.ask(file),
  file_permission: (lsm, file) => lsm.file_permission.ask(file, MAY_READ),
  mmap_file: (lsm, file) => lsm.mmap_file.ask(file, PROT_READ, 0),
  file_ioctl: (lsm, file) => lsm.file_ioctl.ask(file, 0, 0),
  capable: (lsm, _file, task) => lsm.capable.ask(task.cred, task.cred.user_ns, CAP_SYS_ADMIN, 2),
  task_getpgid: (lsm, _file, task) => lsm.task_getpgid.ask(task),
}

const WARM = 2000
const CALLS = 20_000
const PASSES = 5

/** The median of some passes, by hook; the machine is used up. */
export const measureCosts = ({ kernel, stack }: Machine): HookCost[] => {
  const task = createSubject(kernel, { uid: VISITOR_UID })
  const fd = kernel.sys.openat(task, AT_FDCWD, '/etc/passwd', O_RDONLY, 0)
  const file = (task.files as unknown as { get(fd: number): File }).get(fd)
  stack.current.task = task
  return Object.entries(questions).map(([hook, ask]) => {
    const pass = (calls: number): number => {
      const from = performance.now()
      for (let i = 0; i < calls; i++) ask(stack.lsm, file, task)
      return ((performance.now() - from) * 1e6) / calls
    }
    pass(WARM)
    const passes = Array.from({ length: PASSES }, () => pass(CALLS)).sort((a, b) => a - b)
    return { hook, calls: CALLS * PASSES, nanoseconds: passes[PASSES >> 1]! }
  })
}
