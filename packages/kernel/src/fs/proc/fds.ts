/** /proc/PID/fd and fdinfo: links that are the open files themselves (fs/proc/fd.c). */
import {
  EACCES, ECHILD, ENOENT, FMODE_READ, FMODE_WRITE, O_CLOEXEC, PTRACE_MODE_READ_FSCREDS, S_IFLNK, S_IRUSR, S_IWUSR,
  S_IXUSR,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { File, Inode, Path, Task } from '@lsmkit/core'
import { sameThreadGroup } from '../../state/task/thread.ts'
import { fdTable } from '../../state/vfs/fdtable.ts'
import { LOOKUP_RCU } from '../../state/vfs/lookup-flags.ts'
import { asMount } from '../../state/vfs/mount.ts'
import { fileState } from '../../state/vfs/state.ts'
import type { PseudoDir, PseudoLink, PseudoNode } from '../pseudo/nodes.ts'
import type { PidContext } from './instance.ts'
import { GONE, pidNode, taskDumpOwner } from './owner.ts'

/** Whether the caller may follow links of the process (`proc_fd_access_allowed`); 0, -ESRCH or -EACCES. */
export const linkAllowed = ({ machine, pid }: PidContext): number => {
  if (pid.task === null) return GONE
  return machine.ptrace.may_access(pid.task, PTRACE_MODE_READ_FSCREDS) ? 0 : -EACCES
}

/** A link to a place that is not reached by its name. */
export const placeLink = (context: PidContext, find: (task: Task) => Path | number): Omit<PseudoLink, 'mode'> => {
  const target = (): Path | number => {
    const rc = linkAllowed(context)
    return rc !== 0 ? rc : find(context.pid.task!)
  }
  return {
    kind: 'link',
    target,
    text: () => {
      const to = target()
      return typeof to === 'number' ? to : context.machine.vfs.d_path(to)
    },
    ...pidNode(context),
  }
}

/** A decimal number without signs or leading zeros; -1 for any other name. */
export const nameToInt = (name: string): number => (/^(0|[1-9]\d{0,9})$/.test(name) ? Number(name) : -1)

const fileOf = ({ pid }: PidContext, fd: number): File | null =>
  pid.task === null || pid.task.files === null ? null : fdTable(pid.task).get(fd)

/** A link that may be read, written through, or both, as its file is open. */
const linkMode = ({ f_mode }: File): number =>
  (f_mode & FMODE_READ ? S_IRUSR | S_IXUSR : 0) | (f_mode & FMODE_WRITE ? S_IWUSR | S_IXUSR : 0)

/** st_size of every link. */
const LINK_SIZE = 64

const fdLink = (context: PidContext, fd: number, file: File): PseudoLink => {
  const update = (task: Task, inode: Inode, open: File): void => {
    const { uid, gid } = taskDumpOwner(task, 0)
    inode.i_uid = uid
    inode.i_gid = gid
    inode.i_mode = S_IFLNK | linkMode(open)
    context.machine.lsm.task_to_inode.tell(task, inode)
  }
  return {
    ...placeLink(context, () => fileOf(context, fd)?.f_path ?? -ENOENT),
    mode: linkMode(file),
    made(inode) {
      const { task } = context.pid
      if (task === null) return -ENOENT
      inode.i_size = LINK_SIZE
      context.machine.lsm.task_to_inode.tell(task, inode)
      update(task, inode, file)
      return 0
    },
    revalidate(inode, flags) {
      if (flags & LOOKUP_RCU) return -ECHILD
      const open = fileOf(context, fd)
      if (context.pid.task === null || open === null) return 0
      update(context.pid.task, inode, open)
      return 1
    },
  }
}

/** The descriptors of the process from one on. */
function* openFds({ pid }: PidContext, first: number): Generator<readonly [fd: number, name: string]> {
  if (pid.task === null || pid.task.files === null) return
  for (const fd of fdTable(pid.task).open(first)) yield [fd, String(fd)]
}

const fdDir = (context: PidContext, child: (fd: number, file: File) => PseudoNode): Omit<PseudoDir, 'mode'> => ({
  kind: 'dir',
  ...pidNode(context),
  find(name) {
    if (context.pid.task === null) return -ENOENT
    const fd = nameToInt(name)
    const file = fd < 0 ? null : fileOf(context, fd)
    return file === null ? -ENOENT : child(fd, file)
  },
  namesFrom: (pos) => openFds(context, pos),
})

/** Threads of the process may always look, also once it is not dumpable. */
export const fdNode = (context: PidContext): Omit<PseudoDir, 'mode'> => ({
  ...fdDir(context, (fd, file) => fdLink(context, fd, file)),
  permission(inode, mask) {
    const { machine, pid } = context
    const rc = machine.vfs.generic_permission(nop_mnt_idmap, inode, mask)
    return rc !== 0 && pid.task !== null && sameThreadGroup(pid.task, machine.current.task) ? 0 : rc
  },
})

/** As `pidfd_show_fdinfo`: the process's number in this procfs; -1 if it has ended. */
const pidfdText = ({ machine, instance }: PidContext, file: File): string => {
  const pid = machine.pidfds.pidOf(file)
  if (pid === null) return ''
  const nr = pid.task === null ? -1 : pid.nr(instance.ns)
  const inner = nr > 0 ? pid.numbers.slice(instance.ns.level + 1) : []
  return `Pid:\t${nr}\nNSpid:\t${[nr, ...inner].join('\t')}\n`
}

const fdinfoText = (context: PidContext, fd: number): string | number => {
  const rc = linkAllowed(context)
  if (rc !== 0) return rc
  const file = fileOf(context, fd)
  if (file === null) return -ENOENT
  const cloexec = fdTable(context.pid.task!).close_on_exec[fd] ? O_CLOEXEC : 0
  const flags = ((file.f_flags | cloexec) >>> 0).toString(8)
  return (
    `pos:\t${file.f_pos}\nflags:\t0${flags}\n` +
    `mnt_id:\t${asMount(file.f_path.mnt).mnt_id}\nino:\t${file.f_inode.i_ino}\n` +
    pidfdText(context, file) + (fileState(file).f_op.show_fdinfo?.(file) ?? '')
  )
}

/** Entering the directory takes the right to look into the process. */
export const fdinfoNode = (context: PidContext): Omit<PseudoDir, 'mode'> => ({
  ...fdDir(context, (fd) => ({ kind: 'text', mode: 0o444, text: () => fdinfoText(context, fd), ...pidNode(context) })),
  permission(inode, mask) {
    const rc = linkAllowed(context)
    return rc !== 0 ? rc : context.machine.vfs.generic_permission(nop_mnt_idmap, inode, mask)
  },
})
