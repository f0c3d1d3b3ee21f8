/**
 * Folders of the host that are watched by inotify: one call says of all of them whether anything has changed, where
 * times take a call for each folder.
 */
import {
  IN_ATTRIB, IN_CLOEXEC, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_IGNORED, IN_MOVED_FROM, IN_MOVED_TO, IN_MOVE_SELF,
  IN_NONBLOCK, IN_ONLYDIR,
} from '@lsmkit/abi'
import type { FolderWatch, FolderWatches } from './folder-watch.ts'
import { pathOfFd } from './host-paths.ts'
import type { LibC } from './koffi.ts'

/** Whatever changes names in a folder, the folder itself, or modes, owners and labels of what is in it. */
const CHANGES = IN_ATTRIB | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF
/** Bytes of `struct inotify_event` before the name. */
const HEAD = 16
/** `wd` of an event that says that others were lost. */
const LOST = -1
/** No number of changes is ever the same as this one. */
const GONE = NaN

class Watch implements FolderWatch {
  readonly wd: number
  users = 0
  changes = 0

  constructor(wd: number) {
    this.wd = wd
  }
}

/** Memory for events, and where the host sees it. */
export interface EventRoom {
  readonly bytes: Buffer
  readonly start: number
  readonly size: number
  readonly address: number
}

export class NativeWatches implements FolderWatches {
  readonly #libc: LibC
  readonly #room: EventRoom
  readonly #toText: (text: string) => number
  readonly #all = new Map<number, Watch>()
  /** Null before the first watch; below 0 if the host has no more of them for this user. */
  #fd: number | null = null

  /** `toText` puts a path where the host can read it, and answers its address. */
  constructor(libc: LibC, room: EventRoom, toText: (text: string) => number) {
    this.#libc = libc
    this.#room = room
    this.#toText = toText
  }

  watch(fd: number): FolderWatch | null {
    this.#fd ??= this.#libc.inotify_init1(IN_CLOEXEC | IN_NONBLOCK)
    if (this.#fd < 0) return null
    const wd = this.#libc.inotify_add_watch(this.#fd, this.#toText(pathOfFd(fd)), CHANGES | IN_ONLYDIR)
    if (wd < 0) return null
    // the host has one watch for a folder, whoever asks
    let watch = this.#all.get(wd)
    if (watch === undefined) this.#all.set(wd, (watch = new Watch(wd)))
    watch.users++
    return watch
  }

  unwatch(of: FolderWatch): void {
    const watch = of as Watch
    if (--watch.users > 0) return
    watch.changes = GONE
    if (this.#all.delete(watch.wd)) this.#libc.inotify_rm_watch(this.#fd!, watch.wd)
  }

  refresh(): void {
    if (this.#fd === null || this.#fd < 0) return
    const { address, size } = this.#room
    // a full buffer may not be all
    for (let length = size; length > size / 2;) {
      length = this.#libc.read(this.#fd, address, size)
      this.#note(length)
    }
  }

  #note(length: number): void {
    const { bytes, start } = this.#room
    for (let at = start; at < start + length; at += HEAD + bytes.readUInt32LE(at + 12)) {
      const wd = bytes.readInt32LE(at)
      if (wd === LOST) for (const watch of this.#all.values()) watch.changes++
      const watch = this.#all.get(wd)
      if (watch === undefined) continue
      watch.changes++
      if ((bytes.readUInt32LE(at + 4) & IN_IGNORED) === 0) continue
      watch.changes = GONE
      this.#all.delete(wd)
    }
  }
}
