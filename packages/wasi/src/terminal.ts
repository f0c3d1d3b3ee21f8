/** A pseudo terminal of the kernel's that a program has for its own, and whose other end the caller holds. */
import {
  AT_FDCWD, errnoName, ERESTARTSYS, O_NOCTTY, O_RDWR, SIGXFSZ, TIOCGPTN, TIOCSCTTY, TIOCSPTLCK, TIOCSWINSZ, WNOHANG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { aFunction, aNumber, checkOptions, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { fdTable } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { ProgramError } from './errors.ts'

/** In characters. */
export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

export interface TerminalOptions {
  /** The user it belongs to. */
  readonly uid: number
  readonly size: WindowSize
  /**
   * Takes what programs write: a copy. While a promise that it answers is open, they wait once the terminal is full.
   */
  readonly write: (bytes: Uint8Array) => Promise<void> | void
  /** Most bytes that are handed on; the rest is dropped, and SIGXFSZ ends the program. Default: no limit. */
  readonly output?: number
}

type TerminalKernel = Pick<Kernel, 'sys' | 'machine' | 'init'>

const cells = required(wholeNumber(0, 0xffff))
const windowRules: OptionRules<WindowSize> = { rows: cells, columns: cells }
const rules: OptionRules<TerminalOptions> = {
  uid: required(wholeNumber(0)), size: required(optionsOf(windowRules)), write: required(aFunction),
  output: aNumber(0),
}

const PART = 4096

/**
 * Makes `task` the leader of a session with the terminal as its descriptors 0, 1 and 2; leave the streams out of what
 * it is run with. Throws a ProgramError (`no-terminal`) where the kernel or a module refuses it.
 */
export const openTerminal = (kernel: TerminalKernel, task: Task, options: TerminalOptions): Terminal => {
  checkOptions(options, rules, 'openTerminal')
  return new Terminal(kernel, task, options)
}

/** One that is open; `openTerminal` makes it. */
export class Terminal {
  readonly #kernel: TerminalKernel
  readonly #task: Task
  readonly #options: TerminalOptions
  /** Holds the other end. */
  readonly #keeper: Task
  readonly #master: number
  #isOpen = true
  readonly #buffer = new Uint8Array(PART)
  /** The input that is being taken. */
  #taking: Promise<void> | null = null
  #typed: { bytes: Uint8Array; readonly done: () => void }[] = []
  /** Bytes that were handed on. */
  output = 0
  /** Whether there was more. */
  isOver = false

  /** @internal */
  constructor(kernel: TerminalKernel, task: Task, options: TerminalOptions) {
    const { sys, init, machine } = kernel
    this.#kernel = kernel
    this.#task = task
    this.#options = options
    this.#keeper = machine.tasks.findByVpid(must(sys.fork(init), 'fork')) as Task
    this.#master = must(sys.openat(this.#keeper, AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY, 0), '/dev/ptmx')
    const number = ref(0)
    must(sys.ioctl(this.#keeper, this.#master, TIOCGPTN, number), 'TIOCGPTN')
    must(sys.ioctl(this.#keeper, this.#master, TIOCSPTLCK, ref(0)), 'TIOCSPTLCK')
    this.#give(`/dev/pts/${number.value}`)
    this.resize(options.size.rows, options.size.columns)
    this.#whenever(this.#readOnce)
  }

  /** Passes typed input through the line discipline: echo, editing and signals. Settles when it is all in. */
  type(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return Promise.resolve()
    return new Promise((done) => {
      this.#typed.push({ bytes, done })
      if (this.#typed.length === 1) this.#whenever(this.#typeOnce)
    })
  }

  /** Programs in the foreground get SIGWINCH. */
  resize(rows: number, columns: number): void {
    const size = { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
    this.#kernel.sys.ioctl(this.#keeper, this.#master, TIOCSWINSZ, size)
  }

  /** Hands on what is left, and lets go: at once where `write` answers no promise. */
  close(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve()
    this.#isOpen = false
    return this.#taking === null ? this.#drain() : this.#taking.then(() => this.#drain())
  }

  #drain(): Promise<void> {
    for (;;) {
      if (this.#readOnce() <= 0) break
      if (this.#taking !== null) return this.#taking.then(() => this.#drain())
    }
    const { sys, init } = this.#kernel
    sys.exit_group(this.#keeper, 0)
    sys.wait4(init, this.#keeper.pid, ref(0), WNOHANG, null)
    return Promise.resolve()
  }

  /** The keeper opens the other end, as who has logged somebody in does, and the leader of a session takes it. */
  #give(path: string): void {
    const { sys, machine, init } = this.#kernel
    const keeper = this.#keeper
    const task = this.#task
    const { uid } = this.#options
    must(sys.chown(init, path, uid, uid), path)
    const fd = must(sys.openat(keeper, AT_FDCWD, path, O_RDWR | O_NOCTTY, 0), path)
    const file = fdTable(keeper).get(fd)!
    machine.as(task, () => {
      const table = fdTable(task)
      for (const to of [0, 1, 2]) {
        if (!table.reserve(to)) throw new ProgramError('no-terminal', 'there is no memory for its descriptors')
        file.f_count++
        const old = table.replace(to, file, false)
        if (old !== null) machine.vfs.filp_close(old, table)
      }
    })
    must(sys.close(keeper, fd), path)
    must(sys.setsid(task), 'setsid')
    must(sys.ioctl(task, 0, TIOCSCTTY, 0), path)
  }

  /** Calls `step` as often as it gets on, and again when the kernel wakes it. */
  #whenever(step: () => number): void {
    if (!this.#isOpen) return
    let rc = step()
    while (rc > 0 && (step !== this.#readOnce || this.#taking === null)) rc = step()
    if (rc === -ERESTARTSYS) {
      this.#kernel.machine.sleepOn?.subscribe(() => queueMicrotask(() => this.#whenever(step)))
    } else if (rc > 0) void this.#taking?.then(() => this.#whenever(step))
  }

  readonly #readOnce = (): number => {
    const { sys } = this.#kernel
    const keeper = this.#keeper
    const master = this.#master
    const buffer = this.#buffer
    const rc = sys.read(keeper, master, buffer)
    if (rc > 0) this.#handOn(rc)
    return rc
  }

  #handOn(length: number): void {
    const { write, output = Infinity } = this.#options
    const { machine } = this.#kernel
    const task = this.#task
    const granted = Math.min(length, output - this.output)
    this.output += granted
    if (granted < length) {
      if (!this.isOver) machine.signals.send_kernel(SIGXFSZ, task, 'process')
      this.isOver = true
    }
    const taking = granted === 0 ? undefined : write(this.#buffer.slice(0, granted))
    if (taking === undefined) return
    const settled = (): void => void (this.#taking = null)
    this.#taking = taking.then(settled, settled)
  }

  readonly #typeOnce = (): number => {
    const [first] = this.#typed
    if (first === undefined) return 0
    const rc = this.#kernel.sys.write(this.#keeper, this.#master, first.bytes)
    if (rc > 0) first.bytes = first.bytes.subarray(rc)
    if (first.bytes.length === 0) {
      this.#typed.shift()
      first.done()
    }
    return rc
  }
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new ProgramError('no-terminal', `there is no terminal: ${what}: ${errnoName(rc)}`)
  return rc
}
