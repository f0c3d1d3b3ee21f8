/** Watches of one task: an inotify file of the kernel, read when something has happened. */
import { setImmediate } from 'node:timers'
import {
  IN_ATTRIB, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_IGNORED, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_MOVE_SELF,
  IN_NONBLOCK, IN_CLOEXEC,
} from '@lsmkit/abi'
import { decodeName, fdTable, pollQueue } from '@lsmkit/kernel'
import { answered } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'

/** As libuv asks for it. */
const WATCHED =
  IN_ATTRIB | IN_CREATE | IN_MODIFY | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_MOVED_FROM | IN_MOVED_TO
const HEAD = 16
const BUFFER = 65536

export interface Happening {
  readonly wd: number
  readonly isChange: boolean
  /** A name in the watched directory; empty for the watched file itself. */
  readonly name: string
  /** The watch has ended, since what it watched is gone. */
  readonly isEnd: boolean
}

/** Its events come in a later turn of the event loop. */
export class Inotify {
  readonly #files: TaskFiles
  readonly #fd: number
  readonly #hear: (events: readonly Happening[]) => void
  #stop: (() => void) | null = null
  #isClosed = false

  /** Throws FileError. */
  constructor(files: TaskFiles, hear: (events: readonly Happening[]) => void) {
    this.#files = files
    this.#hear = hear
    this.#fd = answered(files.sys.inotify_init1(files.task, IN_NONBLOCK | IN_CLOEXEC), 'watch')
    this.#wait()
  }

  /** The number of the watch. Throws FileError. */
  add(path: string): number {
    return answered(this.#files.sys.inotify_add_watch(this.#files.task, this.#fd, path, WATCHED), 'watch', path)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stop?.()
    this.#files.close(this.#fd)
  }

  #wait(): void {
    const file = fdTable(this.#files.task).get(this.#fd)
    const queue = file === undefined || file === null ? null : pollQueue(file)
    this.#stop = queue?.subscribe(() => setImmediate(() => this.#read())) ?? null
  }

  #read(): void {
    if (this.#isClosed) return
    const buffer = new Uint8Array(BUFFER)
    const n = this.#files.sys.read(this.#files.task, this.#fd, buffer)
    const events = n > 0 ? eventsIn(buffer.subarray(0, n)) : []
    // what happens from now on wakes it again
    this.#wait()
    this.#hear(events)
  }
}

const eventsIn = (bytes: Uint8Array): Happening[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: Happening[] = []
  for (let at = 0; at < bytes.length;) {
    const [wd, mask, length] = [view.getInt32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 12, true)]
    const padded = bytes.subarray(at + HEAD, at + HEAD + length)
    const end = padded.indexOf(0)
    const name = decodeName(end < 0 ? padded : padded.subarray(0, end))
    events.push({ wd, name, isChange: (mask & (IN_ATTRIB | IN_MODIFY)) !== 0, isEnd: (mask & IN_IGNORED) !== 0 })
    at += HEAD + length
  }
  return events
}
