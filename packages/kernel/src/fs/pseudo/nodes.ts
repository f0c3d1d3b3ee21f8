/**
 * Nodes of file systems whose tree is computed: procfs, securityfs, tracefs, and those that LSMs declare. The engine
 * makes an inode of a node when its name is looked up.
 */
import type { Dentry, File, Iattr, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { FileOperations } from '../../state/vfs/driver.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import type { WaitQueue } from '../../state/vfs/wait.ts'
import type { Pieces } from './pieces.ts'
import { inodeState } from '../../state/vfs/state.ts'

interface NodeBase {
  /** Permission bits; the kind gives the type. */
  readonly mode: number
  /** The inode is new: sets its owner and its label. -errno refuses it. */
  readonly made?: (inode: Inode) => number
  /** The inode has no name and no user any more. */
  readonly gone?: (inode: Inode) => void
  /** Checks a cached name before it is used: 1 if it is valid, 0 to look it up again, -errno. */
  readonly revalidate?: (inode: Inode, flags: number) => number
  readonly permission?: (inode: Inode, mask: number) => number
  readonly getattr?: (path: Path, stat: Kstat) => number
  readonly setattr?: (idmap: MntIdmap, dentry: Dentry, attr: Iattr) => number
}

export interface PseudoDir extends NodeBase {
  readonly kind: 'dir'
  readonly find: (name: string) => PseudoNode | null | number
  readonly names?: () => Iterable<string>
  /** Instead of `names` for large directories: names from a position on, each with its own position. */
  readonly namesFrom?: (pos: number) => Iterable<readonly [pos: number, name: string]>
  /** mkdir(2) and rmdir(2) in it: 0 or -errno. `find` knows the new name then, or does not know the old one. */
  readonly mkdir?: (name: string, mode: number) => number
  readonly rmdir?: (name: string) => number
  /** Mounts a file system on the directory when somebody enters it: 0 or -errno. */
  readonly automount?: (path: Path) => number
}

/** One open file of a text node. */
export interface TextIo {
  readonly file: File
  /** State of the node, from open to release. */
  state: unknown
  /** Where the running read begins, and the bytes that it has room for. */
  readonly pos: number
  readonly room: number
}

/** Readers wait for something new. */
export interface TextNews {
  isReady(io: TextIo): boolean
  queue(io: TextIo): WaitQueue
}

export interface PseudoText extends NodeBase {
  readonly kind: 'text'
  readonly open?: (io: TextIo) => number
  /** The whole contents, made at offset 0 and kept for later offsets. */
  readonly text?: (io: TextIo) => string | Uint8Array | number
  /** Every read makes the contents anew, at any offset. */
  readonly fresh?: boolean
  /** Its readers wait. A read that reaches past the end of the text starts again at its beginning. */
  readonly news?: TextNews
  /** Instead of `text`: long contents, made piece by piece as they are read. */
  readonly pieces?: (io: TextIo) => Pieces
  /** Takes a whole write: bytes consumed, or -errno. */
  readonly write?: (io: TextIo, data: Uint8Array, pos: number) => number
  /** lseek(2) works; true by default. */
  readonly seekable?: boolean
  /** A write does not move the position. */
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
  /** Text for readlink(2), if `target` returns a path. */
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
