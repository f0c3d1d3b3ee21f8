/** Files without a name behind shared anonymous memory and huge pages (mm/shmem.c, shmem_zero_setup). */
import { ENOMEM, O_RDWR, PAGE_SIZE, S_IFREG, S_PRIVATE, TMPFS_MAGIC } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import { fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { pseudoSuper } from '../vfs/internal.ts'
import type { Shmem } from '../interfaces/mm.ts'
import type { Machine } from '../machine.ts'
import { simple_dname } from '../vfs/d-path.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { inodeState, superState } from '../state/vfs/state.ts'

/** Memory: nothing is read or written through the file itself, and given back it is zeroes as before. */
const operations = fileOperations({ mmap: () => 0, fallocate: () => 0 })

export const createShmem = (machine: Machine): Shmem => {
  let mount!: Mount

  /** An open file of `size` bytes that belongs to the kernel: LSMs see its making, and are not asked about its use. */
  const zeroFile = (name: string, size: number, isPrivate: boolean, fops = operations): File | number => {
    const { vfs } = machine
    const inode = vfs.new_inode(mount.mnt_sb, S_IFREG | 0o777, inodeOperations({}), fops, null)
    if (inode === null) return -ENOMEM
    if (isPrivate) inode.i_flags |= S_PRIVATE
    vfs.inode_init_owner(nop_mnt_idmap, inode, null, S_IFREG | 0o777)
    inode.i_size = size
    inode.i_nlink = 0
    return vfs.alloc_file_pseudo(inode, mount, name, O_RDWR, fops)
  }

  return {
    /** Once, at boot. */
    setUp: (): void => {
      mount = pseudoSuper(machine, 'tmpfs', TMPFS_MAGIC)
      superState(mount.mnt_sb).d_dname = simple_dname
    },
    shmem_zero_setup: (size: number): File | number => zeroFile('dev/zero', size, true),
    /** As `shmem_kernel_file_setup`: a file of tmpfs with pages of its own, charged, that LSMs are not asked about. */
    kernel_file_setup: (name: string, size: number): File | number => {
      const { vfs, shm_mnt, current } = machine
      const rc = machine.mms.enough(current.task.mm!, Math.ceil(size / PAGE_SIZE))
      if (rc !== 0) return -ENOMEM
      const inode = machine.shmInode(nop_mnt_idmap, shm_mnt.mnt_sb, null, S_IFREG | 0o777, 0)
      if (typeof inode === 'number') return inode
      inode.i_flags |= S_PRIVATE
      inode.i_size = size
      inode.i_nlink = 0
      return vfs.alloc_file_pseudo(inode, shm_mnt, name, O_RDWR, inodeState(inode).i_fop)
    },
    /** A private file that a subsystem maps into programs. */
    ring_file: (name: string, size: number, fops: FileOperations): File | number => zeroFile(name, size, true, fops),
    hugetlb_file_setup: (size: number): File | number => zeroFile('anon_hugepage', size, true),
  }
}
