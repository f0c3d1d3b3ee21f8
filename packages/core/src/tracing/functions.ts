/**
 * Programs around functions of the kernel. A kernel gives the tables that its own calls go through. An entry is
 * replaced while a program is around it, and is the function itself at all other times.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Observer } from '../programs/trampoline.ts'
import type { FunctionName } from './function-defs.ts'
import { Tracepoint } from './tracepoint.ts'

type Report = (where: string, error: unknown) => void
type Call = (...args: never[]) => unknown

/** Where a kernel has a function, and its arguments as Linux orders them. */
export interface TracedFunction {
  readonly table: object
  readonly view: (...args: never[]) => readonly unknown[]
}

class FunctionPoint {
  readonly entry: Tracepoint
  readonly exit: Tracepoint
  readonly #name: FunctionName
  #place: TracedFunction | null = null
  #inner: Call | null = null

  constructor(name: FunctionName, report: Report) {
    this.#name = name
    this.entry = new Tracepoint(name, report)
    this.exit = new Tracepoint(name, report)
  }

  provide(place: TracedFunction): void {
    this.#place = place
    this.update()
  }

  /** Puts itself into the table, or the function back. */
  update(): void {
    const place = this.#place
    if (place === null) return
    const table = place.table as Record<string, Call>
    const isWatched = this.entry.on || this.exit.on
    if (isWatched && this.#inner === null) {
      const inner = (this.#inner = table[this.#name]!)
      table[this.#name] = this.#around(inner, place.view)
    } else if (!isWatched && this.#inner !== null) {
      table[this.#name] = this.#inner
      this.#inner = null
    }
  }

  #around(inner: Call, view: TracedFunction['view']): Call {
    const { entry, exit } = this
    return (...args) => {
      const seen = view(...args)
      if (entry.on) entry.hit(...seen)
      const result = inner(...args)
      if (exit.on) exit.hit(...seen, result)
      return result
    }
  }
}

/** A kernel's function of that name. */
type PlaceOf = (name: FunctionName) => TracedFunction

export class TracedFunctions {
  readonly #report: Report
  /** Of the functions that a program has been around. */
  readonly #points = new Map<FunctionName, FunctionPoint>()
  #placeOf: PlaceOf | null = null

  constructor(report: Report) {
    this.#report = report
  }

  provide(placeOf: PlaceOf): void {
    this.#placeOf = placeOf
    for (const [name, point] of this.#points) point.provide(placeOf(name))
  }

  /** Gives the way to take it off again. */
  add(name: FunctionName, { entry, exit }: Observer): () => void {
    const point = this.#pointOf(name)
    const on = (at: Tracepoint, program: HookFn | undefined) => (program === undefined ? null : at.add(program))
    const offs = [on(point.entry, entry), on(point.exit, exit)]
    point.update()
    return () => {
      for (const off of offs) off?.()
      point.update()
    }
  }

  #pointOf(name: FunctionName): FunctionPoint {
    const known = this.#points.get(name)
    if (known !== undefined) return known
    const point = new FunctionPoint(name, this.#report)
    if (this.#placeOf !== null) point.provide(this.#placeOf(name))
    this.#points.set(name, point)
    return point
  }
}
