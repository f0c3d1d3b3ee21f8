/** The unit of measurement of a bench: a cell is one way of doing one thing, in a process of its own. */

/** A way of doing it, by module and arguments, so that another process can load it. */
export interface CellSpec {
  readonly name: string
  /** URL of the module whose `cell` export builds what is measured. */
  readonly module: string
  /** Given to `cell`; JSON. */
  readonly args: unknown
  /** Extra flags of the process's Node. */
  readonly nodeFlags?: readonly string[]
  /** Node keeps what it compiles for the next process: only for cells that time nothing before they are warm. */
  readonly compileCache?: boolean
}

/** The product of a cell module. */
export interface Cell {
  /**
   * One timed pass: nanoseconds an operation, or of several in a row. A timed result must be used, or it is optimised
   * away.
   */
  pass(): number | readonly number[] | Promise<number>
  /** Anything else the parent may ask for by name: code sizes, counts of deoptimisations. */
  readonly ask?: Readonly<Record<string, (arg: unknown) => unknown>>
}

export interface CellModule {
  cell(args: never): Cell | Promise<Cell>
}

const BEST_OF = 15

/**
 * Times `operation`, which runs its body `count` times a call: the fastest of many short calls, so that a pass is not
 * the moment the machine did something else. Warm-up is the caller's first passes.
 */
export const timedPass = (count: number, operation: (count: number) => number): (() => number) => {
  let sink = 0
  return () => {
    let best = Infinity
    for (let i = 0; i < BEST_OF; i++) {
      const start = process.hrtime.bigint()
      sink ^= operation(count)
      const took = Number(process.hrtime.bigint() - start)
      if (took < best) best = took
    }
    if (sink === 0x7ffffffe) process.stderr.write('')
    return best / count
  }
}

/** Times `operation` once a pass: for what takes milliseconds and more. */
export const timedOnce = (operation: () => number): (() => number) => {
  let sink = 0
  return () => {
    const start = process.hrtime.bigint()
    sink ^= operation()
    const took = Number(process.hrtime.bigint() - start)
    if (sink === 0x7ffffffe) process.stderr.write('')
    return took
  }
}
