/** Folders of the host that are watched for changes. */

/** A folder that is watched. */
export interface FolderWatch {
  /** Grows with each change of its names, and of modes, owners and labels of what is in it. NaN once nobody watches. */
  readonly changes: number
}

export interface FolderWatches {
  /** Watches an open folder; null if the host has no more watches for this user. */
  readonly watch: (fd: number) => FolderWatch | null
  readonly unwatch: (watch: FolderWatch) => void
  /** Brings `changes` of all folders up to now. */
  readonly refresh: () => void
}
