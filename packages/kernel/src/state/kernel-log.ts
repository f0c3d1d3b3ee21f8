/** The kernel's log: records with a level and a time, in a ring (kernel/printk). */

const RING_BYTES = 1 << 18
/** Bytes of a record beside its text. */
const RECORD_HEAD = 64
const USER_FACILITY = 1

export interface LogRecord {
  readonly seq: number
  /** Facility << 3 | level. */
  readonly prefix: number
  /** Microseconds since boot. */
  readonly at: number
  readonly text: string
}

export class KernelLog {
  readonly records: LogRecord[] = []
  readonly size = RING_BYTES
  #bytes = 0
  #next = 0
  /** SYSLOG_ACTION_CLEAR: READ_ALL does not return older records. */
  clearedBefore = 0
  consoleLevel = 7
  /** SYSLOG_ACTION_READ: the record it goes on from. */
  readUpTo = 0
  /** The level that SYSLOG_ACTION_CONSOLE_ON brings back; null: the console is on. */
  savedLevel: number | null = null
  readonly #monotonic: () => number

  /** `monotonic` returns milliseconds since boot. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  add(prefix: number, text: string): void {
    const at = Math.floor(this.#monotonic() * 1000)
    this.records.push({ seq: this.#next++, prefix, at, text })
    this.#bytes += RECORD_HEAD + text.length
    while (this.#bytes > RING_BYTES) this.#bytes -= RECORD_HEAD + this.records.shift()!.text.length
  }

  /** A line of a program, which may begin with `<N>`; its facility is never the kernel's. */
  addFromUser(line: string): void {
    const [, given, text = ''] = /^(?:<(\d{1,6})>)?([^]*)$/.exec(line)!
    const prefix = given === undefined ? 4 : Number(given)
    this.add(prefix >> 3 === 0 ? (USER_FACILITY << 3) | (prefix & 7) : prefix, text.replace(/\n$/, ''))
  }

  /** `<6>[    1.234567] text` lines from record `from` on, as syslog(2) gives them. */
  text(from: number): string {
    return this.records
      .filter(({ seq }) => seq >= from)
      .map(({ prefix, at, text }) => `<${prefix}>[${(at / 1e6).toFixed(6).padStart(12)}] ${text}\n`)
      .join('')
  }

  get end(): number {
    return this.#next
  }
}
