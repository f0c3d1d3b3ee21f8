/**
 * File systems whose tree is computed: procfs, securityfs, devtmpfs, and what LSMs declare. A node says what it is; the
 * engine makes an inode of it when its name is looked up.
 */
import type { Dentry, File, Iattr, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { FileOperations } from '../../state/vfs/driver.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import type { Pieces } from './pieces.ts'
import { inodeState } from '../../state/vfs/state.ts'

interface NodeBase {
  /** Permission bits; the kind gives the type. */
  readonly mode: number
  /** The inode is new: set its owner, tell LSMs whose it is. -errno refuses. */
  readonly made?: (inode: Inode) => number
  /** The inode has neither a name nor a user left. */
  readonly gone?: (inode: Inode) => void
  /** A cached name is about to be used: 1 still right, 0 to be looked up again, -errno. */
  readonly revalidate?: (inode: Inode, flags: number) => number
  readonly permission?: (inode: Inode, mask: number) => number
  readonly getattr?: (path: Path, stat: Kstat) => number
  readonly setattr?: (idmap: MntIdmap, dentry: Dentry, attr: Iattr) => number
}

export interface PseudoDir extends NodeBase {
  readonly kind: 'dir'
  readonly find: (name: string) => PseudoNode | null | number
  readonly names?: () => Iterable<string>
  /** Instead, where there may be many: those from a position on, each with its own; reading goes on where it was. */
  readonly namesFrom?: (pos: number) => Iterable<readonly [pos: number, name: string]>
  /** Whoever goes in finds something mounted on it, which this does: 0 or -errno. */
  readonly automount?: (path: Path) => number
}

/** One open file of a text node. */
export interface TextIo {
  readonly file: File
  /** What the node keeps from open to release. */
  state: unknown
  /** Bytes that the running read has room for. */
  readonly room: number
}

export interface PseudoText extends NodeBase {
  readonly kind: 'text'
  readonly open?: (io: TextIo) => number
  /** The whole contents, asked at offset 0 and kept for later offsets. */
  readonly text?: (io: TextIo) => string | Uint8Array | number
  /** The contents are asked anew at every read, whatever its offset. */
  readonly fresh?: boolean
  /** Instead of `text`: contents that may be too long to keep, made as they are read. */
  readonly pieces?: (io: TextIo) => Pieces
  /** Takes a whole write: bytes consumed, or -errno. */
  readonly write?: (io: TextIo, data: Uint8Array, pos: number) => number
  /** lseek(2) moves in it; true unless said otherwise. */
  readonly seekable?: boolean
  /** A write leaves the position where it was. */
  readonly writeKeepsPos?: boolean
  readonly ioctl?: (io: TextIo, cmd: number, arg: unknown) => number
  /** Can be mapped for reading, too. */
  readonly mappable?: boolean
  readonly release?: (io: TextIo) => void
}

/** A file with operations of its own. */
export interface PseudoFile extends NodeBase {
  readonly kind: 'file'
  readonly fops: FileOperations
}

export interface PseudoLink extends NodeBase {
  readonly kind: 'link'
  readonly target: () => string | Path | number
  /** Text for readlink where target gives a place. */
  readonly text?: () => string | number
}

/** A device file: its driver is found by number. */
export interface PseudoDevice extends NodeBase {
  readonly kind: 'chr'
  readonly rdev: number
}

export type PseudoNode = PseudoDir | PseudoText | PseudoFile | PseudoLink | PseudoDevice

/** A directory with fixed names. */
export const fixedDir = (
  entries: Readonly<Record<string, PseudoNode>>,
  mode = 0o555,
  rest: Omit<NodeBase, 'mode'> = {},
): PseudoDir => ({
  kind: 'dir',
  mode,
  ...rest,
  find: (name) => (Object.hasOwn(entries, name) ? entries[name]! : null),
  names: () => Object.keys(entries),
})

/** A file that can only be read. */
export const readText = (text: (io: TextIo) => string | Uint8Array | number, mode = 0o444): PseudoText =>
  ({ kind: 'text', mode, text })

export const nodeOf = (inode: Inode): PseudoNode => inodeState(inode).fs as PseudoNode
