/** One name in a directory of an overlay, and all names as the directory's inode keeps them. */
export interface DirEntry {
  readonly name: string
  readonly type: number
  readonly real_ino: number
  /** 0: looked up when the name is listed. */
  ino: number
  readonly is_upper: boolean
  is_whiteout: boolean
  readonly check_xwhiteout: boolean
}

/** Of a directory as it was at `version`. */
export interface DirCache {
  readonly version: number
  readonly entries: readonly DirEntry[]
  /** Open directories that go by it; with the last it is forgotten. */
  users: number
}
