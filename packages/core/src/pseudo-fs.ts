/** Pseudo files as an LSM declares them (smackfs, selinuxfs, securityfs entries, sysctls); a kernel mounts them. */
import type { File } from './objects/index.ts'

/** One open pseudo file, from open to release. */
export interface PseudoIo {
  readonly file: File
  /** Byte offset of this read or write. */
  pos: number
  /** Bytes this read has room for; a host that does not say has room for all. Some files refuse to be read in parts. */
  room?: number
  /** The answer that the last write left for the same open file to read (the kernel's simple_transaction files). */
  answer: Uint8Array | null
  /** The declaration's own state for this open file. */
  state: unknown
}

/** The name and the mode of an entry of a declared tree. */
export interface PseudoName {
  /**
   * Path below the mount point: `load2`, `booleans/allow_x`. `classes/` is a directory that may be empty. An entry of a
   * folder has its name in that folder.
   */
  readonly name: string
  /** Permission bits. */
  readonly mode: number
}

/** Lets readers wait: a read that finds nothing new sleeps, and poll(2) shows when it would not. */
export interface PseudoNews {
  isReady(io: PseudoIo): boolean
  /** Calls `wake` each time there may be something new. Returns how to stop that. */
  watch(io: PseudoIo, wake: () => void): () => void
}

/** One declared file. Every function answers bytes or a count, or -errno; it runs with the writer as `current`. */
export interface PseudoFile extends PseudoName {
  readonly kind?: 'file'
  /** The size that stat(2) shows; 0 unless given. */
  readonly size?: number
  /** Can also be mapped for reading: a page that shows changes. */
  readonly mappable?: boolean
  /** lseek(2) moves in it; true unless said otherwise. pread(2) and pwrite(2) have their own position anyway. */
  readonly seekable?: boolean
  /** The text is made anew at every read, whatever its offset. */
  readonly fresh?: boolean
  /** Readers wait for news. A read that reaches past the end of the text starts again at its beginning. */
  readonly news?: PseudoNews
  open?(io: PseudoIo): number
  /** The whole text, made anew at each read from offset 0; a read further on sees the same unless it is `fresh`. */
  read?(io: PseudoIo): string | Uint8Array | number
  /**
   * One write(2): the bytes consumed, or -errno with nothing changed (except for partial writes that the kernel makes
   * too).
   */
  write?(io: PseudoIo, data: Uint8Array): number
  /** `cmd` is unsigned; `arg` is a number, or an object that the caller's memory was read into. 0 or -errno. */
  ioctl?(io: PseudoIo, cmd: number, arg: unknown): number
  release?(io: PseudoIo): void
}

/** An entry of another declared tree. */
export interface PseudoPlace {
  /** The type of the tree: `securityfs`. */
  readonly type: string
  /** Path below its root; empty for the root. */
  readonly path: string
}

/** A symbolic link. */
export interface PseudoLink extends PseudoName {
  readonly kind: 'link'
  /** The text that is followed, a place that is reached without a text, or -errno. */
  target(): string | PseudoPlace | number
  /** The text that readlink(2) shows of a link to a place. `ino` is the number of the link's inode. */
  text?(ino: number): string
}

/** A character device. */
export interface PseudoDevice extends PseudoName {
  readonly kind: 'chr'
  readonly major: number
  readonly minor: number
}

/** A directory whose entries are asked for by name: for trees that are large or change. */
export interface PseudoFolder extends PseudoName {
  readonly kind: 'folder'
  /** The entry of that name: the same object for as long as it is the same entry. */
  find(name: string): PseudoEntry | null
  names(): Iterable<string>
  /** mkdir(2) in it, by the current task: 0 or -errno. Without it nobody can make one (-EPERM). */
  mkdir?(name: string, mode: number): number
  /** rmdir(2) of an entry: 0 or -errno. Without it nobody can (-EPERM). */
  rmdir?(name: string): number
}

export type PseudoEntry = PseudoFile | PseudoLink | PseudoDevice | PseudoFolder

/** A tree of pseudo files and where a kernel mounts it. */
export interface PseudoFs {
  /** File system type, as `mount -t` names it; `securityfs` and `sysctl` trees are merged into the kernel's own. */
  readonly type: string
  readonly magic: number
  /** Empty: nobody can mount it, and only links of other trees lead into it. */
  readonly mountPoint: string
  /** Asked at mount and again on each look-up that misses, so a tree may grow (booleans, classes). */
  files(): readonly PseudoFile[]
  /** Entries of other kinds, beside the files. */
  entries?(): readonly PseudoEntry[]
}
