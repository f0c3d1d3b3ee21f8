/** `fs.watchFile`: a file is looked at again and again. */
import { EventEmitter } from 'node:events'
import { clearInterval, setImmediate, setInterval } from 'node:timers'
import { Kstat } from '@lsmkit/kernel'
import { BigIntStats, bigintStatData, FileError, statData, Stats } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'

export interface WatchFileOptions {
  readonly bigint?: boolean
  readonly persistent?: boolean
  /** Milliseconds between two looks. */
  readonly interval?: number
}
export type StatListener = (current: Stats | BigIntStats, previous: Stats | BigIntStats) => void

const USUAL_INTERVAL = 5007

const compared = [
  'ctime_sec', 'ctime_nsec', 'mtime_sec', 'mtime_nsec', 'btime_sec', 'btime_nsec', 'size', 'mode', 'uid', 'gid', 'ino',
  'dev',
] as const satisfies readonly (keyof Kstat)[]

/** All zeros: there is no file. */
const nothing = (): Kstat => Object.assign(new Kstat(), { blksize: 0 })

/** As `fs.StatWatcher`: `change`, and `stop` in the turn after it was stopped. */
export class StatWatcher extends EventEmitter {
  readonly #files: TaskFiles
  readonly #path: string
  readonly #isBig: boolean
  readonly #timer: NodeJS.Timeout
  #last: Kstat

  constructor(files: TaskFiles, path: string, { bigint = false, persistent = true, interval }: WatchFileOptions) {
    super()
    this.#files = files
    this.#path = path
    this.#isBig = bigint
    this.#last = this.#look()
    // a file that is not there yet is reported once
    if (this.#last.ino === 0) setImmediate(() => this.emit('change', this.#stats(this.#last), this.#stats(this.#last)))
    this.#timer = setInterval(() => this.#again(), Math.max(1, interval ?? USUAL_INTERVAL))
    if (!persistent) this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.removeAllListeners('change')
    setImmediate(() => this.emit('stop'))
  }
  ref(): this {
    this.#timer.ref()
    return this
  }
  unref(): this {
    this.#timer.unref()
    return this
  }

  #look(): Kstat {
    try {
      return this.#files.stat(this.#path)
    } catch (error) {
      if (error instanceof FileError) return nothing()
      throw error
    }
  }

  #again(): void {
    const [now, before] = [this.#look(), this.#last]
    if (compared.every((name) => now[name] === before[name])) return
    this.#last = now
    this.emit('change', this.#stats(now), this.#stats(before))
  }

  #stats(stat: Kstat): Stats | BigIntStats {
    return this.#isBig ? new BigIntStats(bigintStatData(stat)) : new Stats(statData(stat))
  }
}
