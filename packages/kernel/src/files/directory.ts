/** The entries of an open directory, read out of what getdents64 writes. */
import { DT_DIR, DT_LNK, DT_REG } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '../syscalls/entry.ts'
import { decodeName } from '../state/vfs/names.ts'
import { answered } from './file-error.ts'

export interface DirectoryEntry {
  readonly name: string
  /** DT_*; 0 where the file system does not say. */
  readonly type: number
  readonly ino: number
}

/** Bytes of an entry before its name, and where its parts are. */
const HEAD = 19
const RECLEN = 16
const TYPE = 18
const BUFFER = 32768

export const isDirectory = ({ type }: DirectoryEntry): boolean => type === DT_DIR
export const isFile = ({ type }: DirectoryEntry): boolean => type === DT_REG
export const isSymbolicLink = ({ type }: DirectoryEntry): boolean => type === DT_LNK

/** Entries that fit `buffer`, but `.` and `..`; null at the end of the directory. `path` is for the error. */
export const readBatch = (
  sys: SysCalls, task: Task, fd: number, path: string, buffer: Uint8Array,
): DirectoryEntry[] | null => {
  const used = answered(sys.getdents64(task, fd, buffer), 'scandir', path)
  if (used === 0) return null
  const view = new DataView(buffer.buffer, buffer.byteOffset)
  const entries: DirectoryEntry[] = []
  for (let at = 0; at < used; at += view.getUint16(at + RECLEN, true)) {
    const end = buffer.indexOf(0, at + HEAD)
    const name = decodeName(buffer.subarray(at + HEAD, end))
    if (name === '.' || name === '..') continue
    entries.push({ name, type: buffer[at + TYPE]!, ino: Number(view.getBigUint64(at, true)) })
  }
  return entries
}

/** All entries but `.` and `..`, in the order of the directory. `path` is for the error. */
export const readEntries = (sys: SysCalls, task: Task, fd: number, path: string): DirectoryEntry[] => {
  const buffer = new Uint8Array(BUFFER)
  const entries: DirectoryEntry[] = []
  for (;;) {
    const batch = readBatch(sys, task, fd, path, buffer)
    if (batch === null) return entries
    entries.push(...batch)
  }
}
