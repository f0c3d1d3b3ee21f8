/** /proc/PID/map_files: the files that a process has mapped, each by its addresses (fs/proc/base.c). */
import {
  CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, EACCES, ECHILD, ENOENT, EPERM, FMODE_READ, FMODE_WRITE,
  PTRACE_MODE_READ_FSCREDS, S_IRUSR, S_IWUSR,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Vma } from '@lsmkit/core'
import { spaceOf } from '../../state/mm/address-space.ts'
import { LOOKUP_RCU } from '../../state/vfs/lookup-flags.ts'
import type { PseudoDir, PseudoLink } from '../pseudo/nodes.ts'
import { placeLink } from './fds.ts'
import type { PidContext } from './instance.ts'
import { pidNode, taskDumpOwner } from './owner.ts'

const nameOf = ({ vm_start, vm_end }: Vma): string => `${vm_start.toString(16)}-${vm_end.toString(16)}`

/** All mapped files of the process; -errno for readers who may not look into it. */
const mapped = ({ machine, pid: { task } }: PidContext): readonly Vma[] | number => {
  if (task === null || task.mm === null) return -ENOENT
  return machine.ptrace.may_access(task, PTRACE_MODE_READ_FSCREDS) ? spaceOf(task.mm).vmas : -EACCES
}

const named = (context: PidContext, name: string): Vma | number => {
  const all = /^[0-9a-f]+-[0-9a-f]+$/.test(name) ? mapped(context) : -ENOENT
  return typeof all === 'number' ? all : (all.find((vma) => nameOf(vma) === name) ?? -ENOENT)
}

const LINK_SIZE = 64

const fileLink = (context: PidContext, name: string, { f_mode }: { readonly f_mode: number }): PseudoLink => {
  const { machine, pid } = context
  const link = placeLink(context, () => {
    const vma = named(context, name)
    return typeof vma === 'number' ? vma : (vma.vm_file?.f_path ?? -ENOENT)
  })
  const mayFollow = (): boolean => [CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN].some((cap) =>
    ns_capable(machine.lsm, machine.current, machine.init_user_ns, cap))
  return {
    ...link,
    mode: (f_mode & FMODE_READ ? S_IRUSR : 0) | (f_mode & FMODE_WRITE ? S_IWUSR : 0),
    target: () => (mayFollow() ? link.target() : -EPERM),
    made(inode) {
      inode.i_size = LINK_SIZE
      return link.made!(inode)
    },
    revalidate(inode, flags) {
      if (flags & LOOKUP_RCU) return -ECHILD
      if (pid.task === null || typeof named(context, name) === 'number') return 0
      const { uid, gid } = taskDumpOwner(pid.task, 0)
      inode.i_uid = uid
      inode.i_gid = gid
      machine.lsm.task_to_inode.tell(pid.task, inode)
      return 1
    },
  }
}

export const mapFilesNode = (context: PidContext): Omit<PseudoDir, 'mode'> => ({
  kind: 'dir',
  ...pidNode(context),
  find(name) {
    const vma = named(context, name)
    if (typeof vma === 'number') return vma
    return vma.vm_file === null ? -ENOENT : fileLink(context, name, vma.vm_file)
  },
  *names() {
    const all = mapped(context)
    if (typeof all !== 'number') for (const vma of all) if (vma.vm_file !== null) yield nameOf(vma)
  },
})
