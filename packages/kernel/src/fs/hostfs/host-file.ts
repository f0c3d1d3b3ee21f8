/** Open files and directories of a folder of the host. */
import { ELOOP, ENOENT, ENOTDIR, ENXIO, EROFS, ESTALE, FMODE_WRITE, O_RDONLY, O_RDWR } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { forHost } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { DirContext, FileOperations } from '../../state/vfs/driver.ts'
import { fileState } from '../../state/vfs/state.ts'
import { emitDots } from '../../vfs/readdir.ts'
import { endless_llseek, generic_file_llseek } from '../../vfs/rw.ts'
import { hostOf, nodeOf } from './host-fs.ts'
import type { HostOperations } from './host-fs.ts'
import { PERMISSIONS, refresh } from './host-inode.ts'
import type { Listing } from './host-listing.ts'

/** The host's answers if a name is gone, or is something else by now. */
const GONE: ReadonlySet<number> = new Set([-ENOENT, -ELOOP, -ENOTDIR, -ENXIO])

export const hostFd = (file: File): number => fileState(file).data as number

const iterate_shared = (file: File, ctx: DirContext): number => {
  const dir = file.f_inode
  const open = fileState(file)
  if (ctx.pos <= 2 || open.data === null) {
    const listing = hostOf(dir).list(nodeOf(dir), ctx.pos > 2)
    if (typeof listing === 'number') return listing
    open.data = listing
  }
  const listing = open.data as Listing
  const { names, types } = listing
  if (!emitDots(file, ctx)) return 0
  for (let at = ctx.pos - 2; at < names.length; at++) {
    if (!ctx.emit(names[at]!, hostOf(dir).inoOf(nodeOf(dir), listing, at), types[at]!)) return 0
    ctx.pos++
  }
  return 0
}

/** -ESTALE makes the walk start again, which then looks at every name. */
const open = (inode: Inode, file: File): number => {
  const node = nodeOf(inode)
  const { trusted } = node
  node.trusted = false
  const opened = hostOf(inode).open(node, (file.f_mode & FMODE_WRITE) !== 0 ? O_RDWR : O_RDONLY)
  if (typeof opened === 'number') return GONE.has(opened) ? -ESTALE : opened
  const isAsked = ((inode.i_mode ^ opened.stat.mode) & PERMISSIONS) === 0
  refresh(inode, opened.stat)
  if (trusted && !isAsked) {
    hostOf(inode).close(node, opened.fd)
    return -ESTALE
  }
  fileState(file).data = opened.fd
  return 0
}

const openReadOnly = (inode: Inode, file: File): number =>
  (file.f_mode & FMODE_WRITE) !== 0 ? -EROFS : open(inode, file)

const read = (file: File, buf: GuestBytes, off: number, len: number, pos: number): number =>
  hostOf(file.f_inode).read(hostFd(file), forHost(buf), off, len, pos)

const release = (inode: Inode, file: File): void => {
  const fd = fileState(file).data
  if (typeof fd === 'number') hostOf(inode).close(nodeOf(inode), fd)
}

const dirFile = fileOperations({ iterate_shared, llseek: endless_llseek })
const linkFile = fileOperations({})

/** `changes`: the operations of a folder that may be written; null for one that is read-only. */
export const hostFiles = (changes: Partial<FileOperations> | null): HostOperations['fops'] => ({
  dir: dirFile,
  file: fileOperations({
    open: changes === null ? openReadOnly : open,
    read,
    llseek: (file, offset, whence) =>
      generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, file.f_inode.i_size),
    ...changes,
    mmap: () => 0,
    release,
    splice: true,
  }),
  link: linkFile,
})
