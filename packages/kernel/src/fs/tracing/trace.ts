/** The buffer of the tracer: marks that programs write, and how they are shown (kernel/trace/trace.c). */
import type { Machine } from '../../machine.ts'

export const CLOCKS: readonly string[] =
  ['local', 'global', 'counter', 'uptime', 'perf', 'mono', 'mono_raw', 'boot', 'tai', 'x86-tsc']
/** Most entries kept; the kernel limits kilobytes for each processor. */
const CAPACITY = 10_000

export class TraceBuffer {
  isOn = true
  #clock = 'local'
  #written = 0
  readonly #entries: string[] = []

  /** As `print_trace_line` shows a mark of the current task. */
  mark(machine: Machine, text: string): void {
    if (!this.isOn) return
    const { comm, pid } = machine.current.task
    const at = (machine.monotonic() / 1000).toFixed(6)
    const task = `${comm}-${pid}`.padStart(23)
    this.#entries.push(`${task} [000] ..... ${at.padStart(12)}: tracing_mark_write: ${text}\n`)
    this.#written++
    if (this.#entries.length > CAPACITY) this.#entries.shift()
  }

  clear(): void {
    this.#entries.length = this.#written = 0
  }

  get clock(): string {
    return this.#clock
  }

  /** Another clock clears the buffer. */
  setClock(name: string): void {
    if (name !== this.#clock) this.clear()
    this.#clock = name
  }

  get text(): string {
    const { length } = this.#entries
    return `# tracer: nop\n#\n# entries-in-buffer/entries-written: ${length}/${this.#written}   #P:1\n#\n` +
      '#                                _-----=> irqs-off/BH-disabled\n' +
      '#                               / _----=> need-resched\n' +
      '#                              | / _---=> hardirq/softirq\n' +
      '#                              || / _--=> preempt-depth\n' +
      '#                              ||| / _-=> migrate-disable\n' +
      '#                              |||| /     delay\n' +
      '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n' +
      `#              | |         |   |||||     |         |\n${this.#entries.join('')}`
  }
}
