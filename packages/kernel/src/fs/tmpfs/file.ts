/** Regular files of tmpfs: read, write, seek, allocate (mm/shmem.c). */
import {
  EBUSY, EINVAL, ENOMEM, ENOSPC, ENXIO, EOPNOTSUPP, EPERM, F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL,
  F_SEAL_SHRINK, F_SEAL_WRITE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FMODE_CAN_ODIRECT, PAGE_SIZE, SEEK_DATA,
  SEEK_HOLE,
} from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { fits, memoryFor, reserve, account_pages, reserveHoles } from './blocks.ts'
import { tmpfsNode, tmpfsSuper } from './node.ts'
import type { Pages } from './pages.ts'
import { bound } from '../../state/bound.ts'

/** MAX_LFS_FILESIZE is 2^63-1; here the largest integer a number holds exactly. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER

const ALL_SEALS =
  F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC

const read = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
  const inode = file.f_inode
  len = Math.max(Math.min(len, inode.i_size - pos), 0)
  if (len > 0) (tmpfsNode(inode).pages as Pages).read(buf, off, len, pos)
  machine.vfs.file_accessed(file)
  return len
}

const write = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
  const inode = file.f_inode
  const node = tmpfsNode(inode)
  len = machine.vfs.prepare_write(file, pos, len)
  if (len <= 0) return len
  if ((node.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_GROW)) !== 0) {
    if ((node.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return -EPERM
    if (pos + len > inode.i_size) return -EPERM
  }
  const pages = node.pages as Pages
  const { count, bytes } = pages
  if (!fits(inode, len)) {
    len = memoryFor(inode, pages, pos, len)
    if (len === 0) return -ENOMEM
    const rc = reserve(machine, inode, pages.missing(pos, len))
    if (rc !== 0) len = writable(machine, inode, pages, pos, len)
    if (len === 0) return rc
  }
  pages.write(buf, off, len, pos)
  if (pages.bytes !== bytes || pages.count !== count) account_pages(machine, inode, count, bytes)
  if (pos + len > inode.i_size) inode.i_size = pos + len
  return len
}

/** The part of a write that still fits, page by page; its pages are reserved. */
const writable = (machine: Machine, inode: Inode, pages: Pages, pos: number, len: number): number => {
  let done = 0
  let added = 0
  while (done < len) {
    const n = Math.min(len - done, PAGE_SIZE - ((pos + done) % PAGE_SIZE))
    const missing = pages.missing(pos + done, n)
    // blocks reserved before are not counted as used yet
    if (missing !== 0 && reserve(machine, inode, missing, added) !== 0) break
    added += missing
    done += n
  }
  return done
}

const llseek = (file: File, offset: number, whence: number): number => {
  const { f_inode } = file
  if (whence !== SEEK_DATA && whence !== SEEK_HOLE) {
    return generic_file_llseek(file, offset, whence, MAX_FILE_SIZE, f_inode.i_size)
  }
  const size = f_inode.i_size
  if (offset < 0 || offset >= size) return -ENXIO
  const pages = tmpfsNode(f_inode).pages as Pages
  const found = pages.seek(offset, size, whence === SEEK_DATA)
  if (whence === SEEK_DATA && found >= size) return -ENXIO
  file.f_pos = found
  return found
}

const fallocate = (machine: Machine, file: File, mode: number, offset: number, len: number): number => {
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP
  const inode = file.f_inode
  const node = tmpfsNode(inode)
  const pages = node.pages as Pages
  const { count, bytes } = pages
  if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) {
    if ((node.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return -EPERM
    pages.punch(offset, offset + len)
  } else {
    const rc = machine.vfs.inode_newsize_ok(inode, offset + len)
    if (rc !== 0) return rc
    if ((node.seals & F_SEAL_GROW) !== 0 && offset + len > inode.i_size) return -EPERM
    const whole = Math.ceil((offset + len) / PAGE_SIZE) - Math.floor(offset / PAGE_SIZE)
    if (whole > Math.min(tmpfsSuper(inode.i_sb).max_blocks, machine.totalram / PAGE_SIZE)) return -ENOSPC
    const error = reserveHoles(machine, inode, pages, offset, len)
    if (error !== 0) return error
    pages.allocate(offset, len)
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && offset + len > inode.i_size) inode.i_size = offset + len
  }
  account_pages(machine, inode, count, bytes)
  return machine.vfs.file_modified(file)
}

const seals = (file: File, add: number | null): number => {
  const node = tmpfsNode(file.f_inode)
  if (add === null) return node.seals
  if ((add & ~ALL_SEALS) !== 0) return -EINVAL
  if ((node.seals & F_SEAL_SEAL) !== 0) return -EPERM
  // a file that can be executed, and stays so, must not be written any more
  if ((add & F_SEAL_EXEC) !== 0 && (file.f_inode.i_mode & 0o111) !== 0) {
    add |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE
  }
  // a writable mapping would evade the seal
  const mapped = inodeState(file.f_inode).rare?.i_mmap_writable ?? 0
  if ((add & ~node.seals & F_SEAL_WRITE) !== 0 && mapped > 0) return -EBUSY
  node.seals |= add
  return 0
}

const open = (_inode: Inode, file: File): number => {
  file.f_mode |= FMODE_CAN_ODIRECT
  return 0
}

export const tmpfsFiles = (machine: Machine): FileOperations =>
  fileOperations({
    ...bound(machine, { fallocate }),
    open,
    // hot: a closure is quicker than a bound function
    read: (file, buf, off, len, pos) => read(machine, file, buf, off, len, pos),
    write: (file, buf, off, len, pos) => write(machine, file, buf, off, len, pos),
    llseek,
    fsync: () => 0,
    mmap: () => 0,
    seals,
    splice: true,
  })
