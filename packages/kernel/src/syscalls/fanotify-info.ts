/**
 * Records of a fanotify event that stand for an open file: handles of the object and of its directory, its name, and a
 * pidfd (FAN_REPORT_*; fs/notify/fanotify). They are made when the event comes, because names may change later.
 */
import {
  FAN_CREATE, FAN_DELETE, FAN_EVENT_INFO_TYPE_DFID, FAN_EVENT_INFO_TYPE_DFID_NAME, FAN_EVENT_INFO_TYPE_FID,
  FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, FAN_EVENT_INFO_TYPE_OLD_DFID_NAME, FAN_EVENT_INFO_TYPE_PIDFD, FAN_MOVE, FAN_ONDIR,
  FAN_RENAME, FAN_REPORT_DFID_NAME_TARGET, FAN_REPORT_DIR_FID, FAN_REPORT_FID, FAN_REPORT_NAME, FAN_REPORT_TARGET_FID,
  S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Inode } from '@lsmkit/core'
import { encodeHandle, MAX_HANDLE_SZ } from '../vfs/file-handles.ts'
import type { FileHandle } from '../vfs/file-handles.ts'
import type { NotifyEvent } from '../state/vfs/fsnotify.ts'
import { encodeName } from '../state/vfs/names.ts'

export const FID_BITS = FAN_REPORT_DFID_NAME_TARGET
/** Events of names in a directory. */
export const DIRENT_EVENTS = FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_RENAME
const HEADER = 4
const FSID = 8
const HANDLE_HEADER = 8
export const PIDFD_RECORD = 8

/** An object and its handle. */
interface HandledInode {
  readonly inode: Inode
  readonly handle: FileHandle
}

/** The objects of an event: its directory and name, the new place after a move, the object itself. */
export interface EventInfo {
  readonly dir: HandledInode | null
  readonly name: string
  readonly dir2: HandledInode | null
  readonly name2: string
  readonly object: HandledInode | null
}
export const NO_INFO: EventInfo = { dir: null, name: '', dir2: null, name2: '', object: null }

const withHandle = (inode: Inode | null): HandledInode | null => {
  if (inode === null) return null
  const handle = { handle_bytes: MAX_HANDLE_SZ, handle_type: 0, f_handle: new Uint8Array(0) }
  encodeHandle(inode, handle, MAX_HANDLE_SZ, true)
  return { inode, handle }
}

/** `struct fanotify_event_info_fid`. */
const fidRecord = (type: number, { inode, handle }: HandledInode, name: string): Uint8Array => {
  const text = name === '' ? new Uint8Array(0) : encodeName(`${name}\0`)
  const used = HEADER + FSID + HANDLE_HEADER + handle.f_handle.length + text.length
  const bytes = new Uint8Array(Math.ceil(used / 4) * 4)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, type)
  view.setUint16(2, bytes.length, true)
  view.setUint32(HEADER, inode.i_sb.s_dev, true)
  view.setUint32(HEADER + FSID, handle.f_handle.length, true)
  view.setInt32(HEADER + FSID + 4, handle.handle_type, true)
  bytes.set(handle.f_handle, HEADER + FSID + HANDLE_HEADER)
  bytes.set(text, HEADER + FSID + HANDLE_HEADER + handle.f_handle.length)
  return bytes
}

/** `struct fanotify_event_info_pidfd`. */
export const pidfdRecord = (pidfd: number): Uint8Array => {
  const bytes = new Uint8Array(PIDFD_RECORD)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, FAN_EVENT_INFO_TYPE_PIDFD)
  view.setUint16(2, PIDFD_RECORD, true)
  view.setInt32(4, pidfd, true)
  return bytes
}

const isDir = (inode: Inode | null): boolean => inode !== null && (inode.i_mode & S_IFMT) === S_IFDIR

/** The type of a record with one handle. */
const loneType = (flags: number, mask: number): number => {
  if ((flags & FID_BITS) === FAN_REPORT_FID) return FAN_EVENT_INFO_TYPE_FID
  if ((mask & FAN_ONDIR) !== 0 && (flags & FAN_REPORT_NAME) !== 0) return FAN_EVENT_INFO_TYPE_DFID_NAME
  return (mask & (DIRENT_EVENTS | FAN_ONDIR)) !== 0 ? FAN_EVENT_INFO_TYPE_DFID : FAN_EVENT_INFO_TYPE_FID
}

/** The watched ones of the old and the new place of a move, and the object that moved if FAN_REPORT_FID asks for it. */
const renameInfo = (flags: number, { inode, dir, name, to }: NotifyEvent): EventInfo => ({
  dir: to!.tellsOld ? withHandle(dir) : null,
  name: to!.tellsOld ? name : '',
  dir2: to!.tellsNew ? withHandle(to!.dir) : null,
  name2: to!.tellsNew ? to!.name : '',
  object: (flags & FAN_REPORT_TARGET_FID) !== 0 ? withHandle(inode) : null,
})

/** As `fanotify_alloc_event`. `mask` has the events that the group wants; null when there is nothing to report. */
export const eventInfo = (flags: number, mask: number, event: NotifyEvent): EventInfo | null => {
  const isDirent = (mask & DIRENT_EVENTS) !== 0
  const { inode, parent, entry } = event
  const object = isDirent && (flags & FAN_REPORT_TARGET_FID) === 0 ? parent : inode
  const directory = isDirent ? parent : isDir(inode) ? inode : parent
  if ((flags & FAN_REPORT_DIR_FID) === 0 || directory === null) {
    return object === null ? null : { ...NO_INFO, object: withHandle(object) }
  }
  if ((mask & FAN_RENAME) !== 0 && event.to !== undefined) return renameInfo(flags, event)
  const ondir = (mask & FAN_ONDIR) !== 0
  const reportsChild = isDirent ? (flags & FAN_REPORT_TARGET_FID) !== 0 : (flags & FAN_REPORT_FID) !== 0 && !ondir
  const child = reportsChild && object !== directory ? object : null
  const isNamed = (flags & FAN_REPORT_NAME) !== 0 && (isDirent || !ondir) && entry !== ''
  if (!isNamed && child === null) return { ...NO_INFO, object: withHandle(directory) }
  return { ...NO_INFO, dir: withHandle(directory), name: isNamed ? entry : '', object: withHandle(child) }
}

/** The records in their order. */
export const infoRecords = (flags: number, mask: number, info: EventInfo): readonly Uint8Array[] => {
  const { dir, name, dir2, name2, object } = info
  const moved = (mask & FAN_RENAME) !== 0
  const records: Uint8Array[] = []
  if (dir !== null) {
    const type = name === '' ? FAN_EVENT_INFO_TYPE_DFID : FAN_EVENT_INFO_TYPE_DFID_NAME
    records.push(fidRecord(moved ? FAN_EVENT_INFO_TYPE_OLD_DFID_NAME : type, dir, name))
  }
  if (dir2 !== null) records.push(fidRecord(FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, dir2, name2))
  if (object !== null) {
    const type = records.length > 0 ? FAN_EVENT_INFO_TYPE_FID : loneType(flags, mask)
    records.push(fidRecord(type, object, type === FAN_EVENT_INFO_TYPE_DFID_NAME ? '.' : ''))
  }
  return records
}

/** The same objects by the same names. */
export const isSameInfo = (a: EventInfo, b: EventInfo): boolean =>
  a.dir?.inode === b.dir?.inode && a.name === b.name && a.dir2?.inode === b.dir2?.inode && a.name2 === b.name2 &&
  a.object?.inode === b.object?.inode
