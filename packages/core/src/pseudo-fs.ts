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

/** One declared file. Every function answers bytes or a count, or -errno; it runs with the writer as `current`. */
export interface PseudoFile {
  /** Path below the mount point: `load2`, `booleans/allow_x`. `classes/` is a directory that may be empty. */
  readonly name: string
  readonly mode: number
  /** Can also be mapped for reading: a page that shows changes. */
  readonly mappable?: boolean
  /** lseek(2) moves in it; true unless said otherwise. pread(2) and pwrite(2) have their own position anyway. */
  readonly seekable?: boolean
  /** The text is made anew at every read, whatever its offset. */
  readonly fresh?: boolean
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

/** A tree of pseudo files and where a kernel mounts it. */
export interface PseudoFs {
  /** File system type, as `mount -t` names it; `securityfs` and `sysctl` trees are merged into the kernel's own. */
  readonly type: string
  readonly magic: number
  readonly mountPoint: string
  /** Asked at mount and again on each look-up that misses, so a tree may grow (booleans, classes). */
  files(): readonly PseudoFile[]
}
