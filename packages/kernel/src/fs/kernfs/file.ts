/** Open files of kernfs (fs/kernfs/file.c), which are read and written as a whole, and can be watched for changes. */
import {
  E2BIG, EACCES, EINVAL, ENODEV, EPOLLERR, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDNORM, EPOLLWRNORM, FMODE_READ,
  FMODE_WRITE, IN_MODIFY, PAGE_SIZE,
} from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { copyIn, give } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { fileState, inodeState } from '../../state/vfs/state.ts'
import { WaitQueue } from '../../state/vfs/wait.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import { KernfsOpenFile } from '../../state/kernfs/node.ts'
import type { KernfsNode } from '../../state/kernfs/node.ts'

const DEFAULT_POLLMASK = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM
const READ_BY_ANY = 0o444
const WRITTEN_BY_ANY = 0o222

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const kernfsNode = (inode: Inode): KernfsNode => inodeState(inode).fs as KernfsNode
const openFile = (file: File): KernfsOpenFile => fileState(file).data as KernfsOpenFile

/** As `kernfs_notify`: the contents have changed; wakes pollers and sends IN_MODIFY. */
export const kernfs_notify = (machine: Machine, kn: KernfsNode): void => {
  if (!kn.active) return
  kn.event++
  kn.watchers?.wake()
  for (const inode of kn.inodes.values()) {
    const { alias } = inodeState(inode)
    if (alias !== null) machine.fsnotify.dentry(IN_MODIFY, alias)
  }
}

const open = (inode: Inode, file: File): number => {
  const kn = kernfsNode(inode)
  if (!kn.active) return -ENODEV
  const { read, write } = kn.ops
  const writes = (file.f_mode & FMODE_WRITE) !== 0
  const reads = (file.f_mode & FMODE_READ) !== 0
  if (kn.root.rules.extra_open_perm_check === true) {
    if (writes && (write === undefined || (inode.i_mode & WRITTEN_BY_ANY) === 0)) return -EACCES
    if (reads && (read === undefined || (inode.i_mode & READ_BY_ANY) === 0)) return -EACCES
  }
  const of = new KernfsOpenFile(kn, file)
  fileState(file).data = of
  kn.root.rules.opened?.(of)
  return 0
}

/** A read from the start makes the text anew. */
const contents = (of: KernfsOpenFile, pos: number): Uint8Array | number => {
  if (pos !== 0 && of.text !== null) return of.text
  if (!of.kn.active) return -ENODEV
  of.event = of.kn.event
  const text = of.kn.ops.read?.(of) ?? -EINVAL
  return typeof text === 'number' ? text : (of.text = encoder.encode(text))
}

const read = (file: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
  const bytes = contents(openFile(file), pos)
  if (typeof bytes === 'number') return bytes
  const part = bytes.subarray(pos, pos + len)
  return give(part, buf, off)
}

const write = (file: File, buf: GuestBytes, off: number, len: number): number => {
  const of = openFile(file)
  const { ops, active } = of.kn
  if (ops.atomic_write_len === undefined) len = Math.min(len, PAGE_SIZE)
  else if (len > ops.atomic_write_len) return -E2BIG
  if (!active) return -ENODEV
  if (ops.write === undefined) return -EINVAL
  if (len === 0) return 0
  const text = decoder.decode(copyIn(buf, off, len))
  return ops.write(of, text.replace(/\0.*$/s, '')) || len
}

/** EPOLLPRI until it is read again. */
const poll = (file: File): number => {
  const { kn, event } = openFile(file)
  return !kn.active || kn.event !== event ? DEFAULT_POLLMASK | EPOLLERR | EPOLLPRI : DEFAULT_POLLMASK
}

export const file_fops = fileOperations({
  open, read, write, poll,
  poll_queue: (file) => (openFile(file).kn.watchers ??= new WaitQueue()),
  llseek: (file, offset, whence) =>
    generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, file.f_inode.i_size),
  splice: true,
})
