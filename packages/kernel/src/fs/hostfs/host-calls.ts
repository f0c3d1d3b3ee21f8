/**
 * The calls of the host that folders are made of. Two ways have them: those of Node (node-calls.ts), and system calls
 * by descriptors (native-calls.ts). Each answers a number, or -errno; none throws.
 */
import type { FolderWatches } from './folder-watch.ts'
import type { AnyStats } from './host-node.ts'
import type { Listing, TypeOf } from './host-listing.ts'

/** A name in a folder, as `place` made it. */
export type Place = Buffer | string | NamedPlace

/** For system calls that take a folder's descriptor and a name. */
export interface NamedPlace {
  readonly at: number
  readonly name: string
}

export interface HostCalls {
  /** `name` in the folder that `at` is a descriptor of. */
  readonly place: (at: number, name: string) => Place
  /** A descriptor. The last part of a name is never followed if it is a link. */
  readonly open: (place: Place, flags: number, mode: number) => number
  /** Another descriptor of an open folder. */
  readonly reopen: (fd: number, flags: number) => number
  readonly close: (fd: number) => void
  /** Of the name itself. */
  readonly stat: (place: Place) => AnyStats | number
  /** Without times, where that is quicker. */
  readonly statQuickly: (place: Place) => AnyStats | number
  readonly fstat: (fd: number) => AnyStats | number
  readonly fstatQuickly: (fd: number) => AnyStats | number
  /** Milliseconds since 1970: when the file has last changed (ctime). NaN if the host does not say. */
  readonly changeTime: (fd: number) => number
  readonly readlink: (place: Place) => string | number
  /** Of an open folder. `place` names it for hosts that cannot list by descriptor. */
  readonly list: (fd: number, place: string | null, typeOf: TypeOf) => Listing | number
  /** All names in an open folder, whatever their type. */
  readonly names: (fd: number) => string[] | number
  readonly read: (fd: number, buf: Uint8Array, off: number, len: number, pos: number) => number
  readonly write: (fd: number, buf: Uint8Array, off: number, len: number, pos: number) => number
  readonly mkdir: (place: Place, mode: number) => number
  readonly symlink: (target: string, place: Place) => number
  readonly unlink: (place: Place) => number
  readonly rmdir: (place: Place) => number
  readonly link: (from: Place, to: Place) => number
  readonly rename: (from: Place, to: Place) => number
  /** Fails with -EEXIST if `to` is there. Null where the host has no such call. */
  readonly renameNew: ((from: Place, to: Place) => number) | null
  /** Whether `chmod` and `futimes` take a descriptor that only names a file (O_PATH), without the right to read. */
  readonly changesByName: boolean
  readonly truncate: (fd: number, size: number) => number
  readonly chmod: (fd: number, mode: number) => number
  /** Nanoseconds since 1970; null leaves a time unchanged. */
  readonly futimes: (fd: number, atime: bigint | null, mtime: bigint | null) => number
  /** Of a link itself. */
  readonly lutimes: (place: Place, atime: bigint | null, mtime: bigint | null) => number
  /** Whether a time that does not change is left alone. */
  readonly keepsTime: boolean
  readonly fsync: (fd: number) => number
  /** Null where the host's extended attributes cannot be had. */
  readonly attributes: AttributeCalls | null
  /** Null where folders of the host cannot be watched. */
  readonly watches: FolderWatches | null
}

/** Extended attributes of what a descriptor stands for; one that only names it (O_PATH) will do. */
export interface AttributeCalls {
  readonly get: (fd: number, name: string) => Uint8Array | number
  /** `flags`: XATTR_CREATE, XATTR_REPLACE. */
  readonly set: (fd: number, name: string, value: Uint8Array, flags: number) => number
  readonly remove: (fd: number, name: string) => number
}
