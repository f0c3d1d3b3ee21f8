/** A pseudo terminal: two ends, and the line discipline between them (drivers/tty/pty.c, n_tty.c). */
import { SIGINT, SIGQUIT, SIGTSTP } from '@lsmkit/abi'
import type { Pid } from '../../state/task/pid.ts'
import { WaitQueue } from '../../state/vfs/wait.ts'
import { MKDEV } from '../dev/chrdev.ts'

// termios bits, by word
export const ICRNL = 0o400
const OPOST = 1
const ONLCR = 4
const ISIG = 1
const ICANON = 2
const ECHO = 8
const DEFAULT_CFLAG = 0o277
const ECHOE = 0o20
const ECHO_BITS = ECHO | ECHOE | 0o40 | 0o1000 | 0o4000 | 0o100000
// places in c_cc
const VINTR = 0
const VQUIT = 1
const VERASE = 2
const VKILL = 3
const VEOF = 4
const VSUSP = 10
const BS = 8
const NL = 10
const SPACE = 32
const CR = 13
const INIT_CC = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0]
const UNIX98_PTY_SLAVE_MAJOR = 136
/** N_TTY_BUF_SIZE. */
const BUFFER = 4096

/** `struct termios`. */
export interface Termios {
  c_iflag: number
  c_oflag: number
  c_cflag: number
  c_lflag: number
  c_line: number
  c_cc: number[]
}
/** `struct winsize`. */
export interface Winsize {
  ws_row: number
  ws_col: number
  ws_xpixel: number
  ws_ypixel: number
}

export const slaveDev = (index: number): number => MKDEV(UNIX98_PTY_SLAVE_MAJOR, index)

export class Pty {
  readonly index: number
  /** Nobody opens the slave until TIOCSPTLCK 0. */
  locked = true
  masterOpen = true
  slaves = 0
  /** The slave has been open: that it is not any more is a hang-up. */
  hadSlave = false
  exclusive = false
  readonly termios: Termios = {
    c_iflag: ICRNL | 0o2000, c_oflag: OPOST | ONLCR, c_cflag: DEFAULT_CFLAG, c_lflag: ISIG | ICANON | ECHO_BITS,
    c_line: 0, c_cc: [...INIT_CC],
  }
  readonly winsize: Winsize = { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 }
  session: Pid | null = null
  pgrp: Pid | null = null
  readonly wait = new WaitQueue()
  /** Output and echo, for the master to read. */
  #output: number[] = []
  /** Input for the slave to read; in canonical mode only up to the last line end or VEOF. */
  #input: number[] = []
  /** Bytes of each line in `#input`. A line of 0 is an end of file. */
  #lines: number[] = []
  #open = 0
  /** Sends `sig` to the foreground. */
  readonly #signal: (sig: number) => void

  /** The number of the slave. */
  get dev(): number {
    return slaveDev(this.index)
  }

  constructor(index: number, signal: (sig: number) => void) {
    this.index = index
    this.#signal = signal
  }

  #has(flag: number): boolean {
    return (this.termios.c_lflag & flag) !== 0
  }

  #emit(byte: number): void {
    if (byte === NL && (this.termios.c_oflag & (OPOST | ONLCR)) === (OPOST | ONLCR)) this.#output.push(CR)
    this.#output.push(byte)
  }

  #signalOf(byte: number): number {
    const { c_cc } = this.termios
    if (!this.#has(ISIG) || byte === 0) return 0
    return byte === c_cc[VINTR] ? SIGINT : byte === c_cc[VQUIT] ? SIGQUIT : byte === c_cc[VSUSP] ? SIGTSTP : 0
  }

  #flushInput(): void {
    this.#input = []
    this.#lines = []
    this.#open = 0
  }

  #endLine(): void {
    this.#lines.push(this.#open)
    this.#open = 0
  }

  /** The last bytes of the line that is being typed. */
  #erase(count: number): void {
    for (let left = Math.min(count, this.#open); left > 0; left--) {
      this.#open--
      this.#input.pop()
      if (this.#has(ECHO) && this.#has(ECHOE) && !this.outputFull) this.#output.push(BS, SPACE, BS)
    }
  }

  /** One byte typed at the master. */
  type(byte: number): void {
    const c = byte === CR && (this.termios.c_iflag & ICRNL) !== 0 ? NL : byte
    const sig = this.#signalOf(c)
    if (sig !== 0) {
      this.#flushInput()
      this.#signal(sig)
      return
    }
    if (this.#has(ICANON)) {
      if (c === this.termios.c_cc[VERASE]) return this.#erase(1)
      if (c === this.termios.c_cc[VKILL]) return this.#erase(this.#open)
      if (c === this.termios.c_cc[VEOF]) return this.#endLine()
    }
    // echo stops when the output is full
    if (this.#has(ECHO) && !this.outputFull) this.#emit(c)
    this.#input.push(c)
    this.#open++
    if (this.#has(ICANON) && c === NL) this.#endLine()
  }

  /** Bytes typed; as many as there is room for. An end of file takes a byte as well. */
  writeMaster(bytes: Uint8Array): number {
    const ends = this.#lines.reduce((sum, line) => (line === 0 ? sum + 1 : sum), 0)
    const room = Math.max(Math.min(bytes.length, BUFFER - this.#input.length - ends), 0)
    for (let i = 0; i < room; i++) this.type(bytes[i]!)
    this.wait.wake()
    return room
  }

  writeSlave(bytes: Uint8Array): number {
    const room = Math.min(bytes.length, Math.max(BUFFER - this.#output.length, 0))
    for (let i = 0; i < room; i++) this.#emit(bytes[i]!)
    this.wait.wake()
    return room
  }

  readMaster(len: number): number[] {
    const taken = this.#output.splice(0, len)
    if (taken.length > 0) this.wait.wake()
    return taken
  }

  /** A line, or part of one; an empty list is an end of file, null nothing yet. */
  readSlave(len: number): number[] | null {
    const line = this.#lines[0]
    if (!this.#has(ICANON)) {
      if (this.#input.length === 0) return null
      this.#lines = []
      this.#open = 0
      return this.#input.splice(0, len)
    }
    if (line === undefined) return null
    const taken = this.#input.splice(0, Math.min(len, line))
    if (taken.length === line) this.#lines.shift()
    else this.#lines[0] = line - taken.length
    this.wait.wake()
    return taken
  }

  /** Bytes a read could give now. */
  available(master: boolean): number {
    if (master) return this.#output.length
    return this.#has(ICANON) ? this.#lines.reduce((sum, line) => sum + line, 0) : this.#input.length
  }
  get slaveIsReadable(): boolean {
    return this.#has(ICANON) ? this.#lines.length > 0 : this.#input.length > 0
  }
  get outputFull(): boolean {
    return this.#output.length >= BUFFER
  }
  flush(input: boolean, output: boolean): void {
    if (input) this.#flushInput()
    if (output) this.#output = []
  }
}
