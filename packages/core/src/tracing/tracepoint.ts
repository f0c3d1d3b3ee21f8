/** One place of the kernel that programs are put on. */
import type { HookFn } from '../hooks/hook-types.ts'

type Report = (where: string, error: unknown) => void

/** A place that the kernel comes by. Programs run in the order in which they came. */
export class Tracepoint {
  readonly name: string
  on = false
  #programs: readonly HookFn[] = []
  readonly #report: Report

  constructor(name: string, report: Report) {
    this.name = name
    this.#report = report
  }

  hit(...args: unknown[]): void {
    for (const program of this.#programs) {
      try {
        program(...(args as never[]))
      } catch (error) {
        this.#report(this.name, error)
      }
    }
  }

  /** Gives the way to take it off again. */
  add(program: HookFn): () => void {
    this.#programs = [...this.#programs, program]
    this.on = true
    return () => {
      this.#programs = this.#programs.filter((other) => other !== program)
      this.on = this.#programs.length > 0
    }
  }
}
