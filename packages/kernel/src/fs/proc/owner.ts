/** Owners of the files of a process (task_dump_owner of fs/proc/base.c). */
import {
  ATTR_MODE, ENOENT, EPERM, ESRCH, PF_KTHREAD, S_IFDIR, S_IRUGO, S_ISGID, S_ISUID, S_IXUGO, SUID_DUMP_USER,
} from '@lsmkit/abi'
import { gid_valid, make_kgid, make_kuid, nop_mnt_idmap, uid_valid } from '@lsmkit/core'
import type { Inode, Path, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import type { PseudoNode } from '../pseudo/nodes.ts'
import { HIDEPID_INVISIBLE, mayKnow } from './instance.ts'
import type { PidContext } from './instance.ts'

/** The effective ids; root of some namespace where the process cannot be dumped, except for plain directories. */
export const taskDumpOwner = (task: Task, mode: number): { uid: number; gid: number } => {
  if (task.flags & PF_KTHREAD) return { uid: 0, gid: 0 }
  const { euid, egid } = task.real_cred
  if (mode === (S_IFDIR | S_IRUGO | S_IXUGO)) return { uid: euid, gid: egid }
  const { mm } = task
  if (mm === null) return { uid: 0, gid: 0 }
  if (mm.dumpable === SUID_DUMP_USER) return { uid: euid, gid: egid }
  const uid = make_kuid(mm.user_ns, 0)
  const gid = make_kgid(mm.user_ns, 0)
  return { uid: uid_valid(uid) ? uid : 0, gid: gid_valid(gid) ? gid : 0 }
}

/** Sets attributes of a procfs file: -EPERM for those in `refused`; a size is ignored. */
export const keepsSize = ({ vfs }: Machine, refused: number): NonNullable<PseudoNode['setattr']> =>
  (_idmap, dentry, attr) => {
    if ((attr.ia_valid & refused) !== 0) return -EPERM
    const rc = vfs.setattr_prepare(nop_mnt_idmap, dentry, attr)
    if (rc === 0) vfs.setattr_copy(nop_mnt_idmap, dentry.d_inode!, attr)
    return rc
  }

/** Common to every inode of a process: owner, LSM label, and an end with the process. */
export const pidNode = ({ machine, instance, pid }: PidContext) => {
  const update = (task: Task, inode: Inode): void => {
    const { uid, gid } = taskDumpOwner(task, inode.i_mode)
    inode.i_uid = uid
    inode.i_gid = gid
    inode.i_mode &= ~(S_ISUID | S_ISGID)
    machine.lsm.task_to_inode.tell(task, inode)
  }
  return {
    /** Modes of files of a process cannot be changed (`proc_nochmod_setattr`). */
    setattr: keepsSize(machine, ATTR_MODE),
    /** The inode is made for a task and then updated; both call the hook task_to_inode. */
    made(inode: Inode): number {
      const { task } = pid
      if (task === null) return -ENOENT
      const { uid, gid } = taskDumpOwner(task, 0)
      inode.i_uid = uid
      inode.i_gid = gid
      machine.lsm.task_to_inode.tell(task, inode)
      update(task, inode)
      return 0
    },
    revalidate(inode: Inode): number {
      if (pid.task === null) return 0
      update(pid.task, inode)
      return 1
    },
    getattr(path: Path, stat: Kstat): number {
      const inode = path.dentry.d_inode!
      generic_fillattr(path.mnt.mnt_idmap, inode, stat)
      stat.uid = stat.gid = 0
      const { task } = pid
      if (task === null) return 0
      if (!mayKnow(machine, instance, task, HIDEPID_INVISIBLE)) return -ENOENT
      Object.assign(stat, taskDumpOwner(task, inode.i_mode))
      return 0
    },
  }
}

/** The answer once a task has gone. */
export const GONE = -ESRCH
