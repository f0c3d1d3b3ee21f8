/** Open files without a place of their own: epoll, eventfd, mount contexts (fs/anon_inodes.c). */
import { ANON_INODE_FS_MAGIC, ENFILE, O_ACCMODE, O_NONBLOCK, S_PRIVATE } from '@lsmkit/abi'
import type { File, Inode, KeyMap } from '@lsmkit/core'
import { inodeOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { pseudoSuper } from './internal.ts'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { emptyFops } from './file.ts'
import type { OpenFiles } from './file.ts'
import type { Inodes } from './inode.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { fileState } from '../state/vfs/state.ts'

const MODE = 0o600

export const anonInodes = (
  lsm: KeyMap,
  machine: Machine,
  { new_inode, ihold, iput }: Inodes,
  { alloc_file_pseudo }: OpenFiles,
) => {
  const { current } = machine
  let mount!: Mount
  /** One for all files that need none of their own; private, so no LSM is asked about it. */
  let shared!: Inode

  /** Once, at boot. */
  const setUpAnonInodes = (): void => {
    mount = pseudoSuper(machine, 'anon_inodefs', ANON_INODE_FS_MAGIC)
    shared = new_inode(mount.mnt_sb, MODE, inodeOperations({}), emptyFops, null) as Inode
    shared.i_flags |= S_PRIVATE
    ihold(shared)
  }

  const openOn = (inode: Inode, name: string, fops: FileOperations, data: unknown, flags: number): File | number => {
    const file = alloc_file_pseudo(inode, mount, name, flags & (O_ACCMODE | O_NONBLOCK), fops)
    if (typeof file !== 'number') fileState(file).data = data
    return file
  }

  /** As `anon_inode_getfile`: on the inode all share. */
  const anon_inode_getfile = (name: string, fops: FileOperations, data: unknown, flags: number): File | number =>
    openOn(shared, `anon_inode:${name}`, fops, data, flags)

  /** As `anon_inode_create_getfile`: on an inode of its own that LSMs label. */
  const anon_inode_create_getfile = (
    name: string,
    fops: FileOperations,
    data: unknown,
    flags: number,
  ): File | number => {
    const inode = new_inode(mount.mnt_sb, MODE, inodeOperations({}), fops, data)
    if (inode === null) return -ENFILE
    const rc = lsm.inode_init_security_anon.ask(inode, { name, len: name.length }, null)
    if (rc !== 0) {
      ihold(inode)
      iput(inode)
      return rc
    }
    return openOn(inode, `anon_inode:${name}`, fops, data, flags)
  }

  /** Installs what `make` opens; -errno otherwise. */
  const installNew = (make: () => File | number, cloexec: boolean): number => {
    const { task } = current
    const fd = get_unused_fd(task, cloexec)
    if (fd < 0) return fd
    const file = make()
    if (typeof file === 'number') {
      fdTable(task).free(fd)
      return file
    }
    fdTable(task).install(fd, file)
    return fd
  }

  /** As `anon_inode_getfd`. */
  const anon_inode_getfd = (
    name: string,
    fops: FileOperations,
    data: unknown,
    flags: number,
    cloexec: boolean,
  ): number => installNew(() => anon_inode_getfile(name, fops, data, flags), cloexec)

  return { setUpAnonInodes, anon_inode_getfile, anon_inode_create_getfile, anon_inode_getfd, installNew }
}

export type AnonInodes = ReturnType<typeof anonInodes>
