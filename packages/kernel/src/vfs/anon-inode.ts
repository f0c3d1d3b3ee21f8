/** Open files that lie in no directory: epoll, eventfd, mount contexts (fs/anon_inodes.c). */
import { ANON_INODE_FS_MAGIC, ENFILE, O_ACCMODE, O_NONBLOCK, S_PRIVATE } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { AnonInodes } from '../state/vfs/anon-inodes.ts'
import { inodeOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { emptyFops, alloc_file_pseudo } from './file.ts'
import { new_inode, ihold, iput } from './inode.ts'
import { pseudoSuper } from './internal.ts'

const MODE = 0o600

/** Makes the file system that they live on. Called once, at boot. */
export const setUpAnonInodes = (machine: Machine): void => {
  const mount = pseudoSuper(machine, 'anon_inodefs', ANON_INODE_FS_MAGIC)
  const shared = new_inode(machine, mount.mnt_sb, MODE, inodeOperations({}), emptyFops, null) as Inode
  shared.i_flags |= S_PRIVATE
  ihold(shared)
  machine.anonInodes = new AnonInodes(mount, shared)
}

const openOn = (
  machine: Machine, inode: Inode, name: string, fops: FileOperations, data: unknown, flags: number,
): File | number => {
  const file = alloc_file_pseudo(machine, inode, machine.anonInodes.mount, name, flags & (O_ACCMODE | O_NONBLOCK), fops)
  if (typeof file !== 'number') fileState(file).data = data
  return file
}

/** As `anon_inode_getfile`: a file on the shared inode. */
export const anon_inode_getfile = (
  machine: Machine, name: string, fops: FileOperations, data: unknown, flags: number,
): File | number =>
  openOn(machine, machine.anonInodes.shared, `anon_inode:${name}`, fops, data, flags)

/** As `anon_inode_create_getfile`: a file on an inode of its own, which LSMs label. */
export const anon_inode_create_getfile = (
  machine: Machine, name: string, fops: FileOperations, data: unknown, flags: number,
): File | number => {
  const inode = new_inode(machine, machine.anonInodes.mount.mnt_sb, MODE, inodeOperations({}), fops, data)
  if (inode === null) return -ENFILE
  const rc = machine.lsm.inode_init_security_anon.ask(inode, { name, len: name.length }, null)
  if (rc !== 0) {
    ihold(inode)
    iput(machine, inode)
    return rc
  }
  return openOn(machine, inode, `anon_inode:${name}`, fops, data, flags)
}

/** Installs the file that `make` opens: its descriptor, or -errno. */
export const installNew = (machine: Machine, make: () => File | number, cloexec: boolean): number => {
  const { task } = machine.current
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

/** As `anon_inode_getfd`: the descriptor of a new file on the shared inode, or -errno. */
export const anon_inode_getfd = (
  machine: Machine, name: string, fops: FileOperations, data: unknown, flags: number, cloexec: boolean,
): number => installNew(machine, () => anon_inode_getfile(machine, name, fops, data, flags), cloexec)
