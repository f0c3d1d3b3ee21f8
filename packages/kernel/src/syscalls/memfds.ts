/** memfd_create(2): a file of tmpfs that has no name (mm/memfd.c). */
import {
  EFAULT, EINVAL, ENOSYS, F_SEAL_EXEC, F_SEAL_SEAL, FMODE_ATOMIC_POS, FMODE_CAN_ODIRECT, FMODE_LSEEK, FMODE_PREAD,
  FMODE_PWRITE, MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, MFD_HUGETLB, MFD_NOEXEC_SEAL, O_LARGEFILE, O_RDWR, S_IFREG,
  S_IRWXUGO, S_IXUGO,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import { tmpfsNode } from '../fs/tmpfs/node.ts'
import type { Machine } from '../machine.ts'
import { byteLength } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'

/** Most bytes of a name, without `memfd:` and the NUL. */
const MAX_NAME = 249
const ALL_FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC
/** MFD_HUGE_MASK << MFD_HUGE_SHIFT. */
const HUGE_SIZES = 0x3f << 26

/** MEMFD_ANON_NAME. */
const ANON_NAME = { name: '[memfd]', len: 7 }

/** As `shmem_file_setup`: LSMs see an inode, a name and an open file, but label nothing. */
const shmem_file_setup = (machine: Machine, name: string): File | number => {
  const { shm_mnt } = machine
  const inode = machine.shmInode(nop_mnt_idmap, shm_mnt.mnt_sb, null, S_IFREG | S_IRWXUGO, 0)
  if (typeof inode === 'number') return inode
  inode.i_nlink = 0
  return machine.vfs.alloc_file_pseudo(inode, shm_mnt, name, O_RDWR, inodeState(inode).i_fop)
}

const makeFile = (machine: Machine, name: string, flags: number): File | number => {
  const file = shmem_file_setup(machine, `memfd:${name}`)
  if (typeof file === 'number') return file
  const rc = machine.rules.labelsMemfd ? machine.lsm.inode_init_security_anon.ask(file.f_inode, ANON_NAME, null) : 0
  if (rc !== 0) {
    machine.vfs.fput(file)
    return rc
  }
  file.f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS | FMODE_CAN_ODIRECT
  file.f_flags |= O_LARGEFILE
  const node = tmpfsNode(file.f_inode)
  node.seals = (flags & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL
  if ((flags & MFD_NOEXEC_SEAL) !== 0) {
    file.f_inode.i_mode &= ~S_IXUGO
    node.seals = F_SEAL_EXEC
  }
  return file
}

const memfd_create = (machine: Machine, name: unknown, flags: number): number => {
  const huge = (flags & MFD_HUGETLB) !== 0
  if ((flags & ~(huge ? ALL_FLAGS | HUGE_SIZES : ALL_FLAGS)) !== 0) return -EINVAL
  if ((flags & MFD_EXEC) !== 0 && (flags & MFD_NOEXEC_SEAL) !== 0) return -EINVAL
  if (typeof name !== 'string') return -EFAULT
  if (byteLength(name) > MAX_NAME) return -EINVAL
  return huge ? -ENOSYS : machine.vfs.installNew(() => makeFile(machine, name, flags), (flags & MFD_CLOEXEC) !== 0)
}

export const memfdSyscalls = { memfd_create }
