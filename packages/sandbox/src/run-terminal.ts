/** A run at a terminal: its stdin is typed, and what is written on the terminal is its stdout. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { Terminal, WasiResult, WindowSize } from '@lsmkit/wasi'
import type { RunStreams } from './box-port.ts'
import { programsHost } from './programs-host.ts'

/** What a person types to say that there is no more (VEOF). */
const END = Uint8Array.of(4)

export class RunTerminal {
  readonly #terminal: Terminal
  readonly #most: number

  /** `most`: bytes of output. Throws a ProgramError where there can be no terminal. */
  constructor(kernel: Kernel, task: Task, size: WindowSize, most: number, { pull, push }: RunStreams) {
    this.#most = most
    const { uid } = task.cred
    const write = (bytes: Uint8Array): Promise<void> => push('stdout', bytes)
    this.#terminal = programsHost().openTerminal(kernel, task, { uid, size, output: most, write })
    void this.#type(pull)
  }

  async #type(pull: RunStreams['pull']): Promise<void> {
    for (;;) {
      // input that breaks off is one that ends
      const part = await pull().catch(() => null)
      if (part === null) return this.#terminal.type(END)
      await this.#terminal.type(part)
    }
  }

  resize({ rows, columns }: WindowSize): void {
    this.#terminal.resize(rows, columns)
  }

  /** With what went through the terminal. */
  ended(result: WasiResult): WasiResult {
    const { output, isOver } = this.#terminal
    const reason = isOver ? `SIGXFSZ: output limit of ${this.#most} bytes` : result.reason
    return { ...result, reason, stats: { ...result.stats, output: result.stats.output + output } }
  }

  close(): Promise<void> {
    return this.#terminal.close()
  }
}
