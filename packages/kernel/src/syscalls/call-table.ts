/**
 * Tables of system calls. A kernel has hundreds and a program uses few: the function of a call is made when it is first
 * asked for. The names are those of a prototype that tables of the same names share.
 */
import type { Task } from '@lsmkit/core'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one function serves every signature
export type SysCall = (task: Task, ...args: any[]) => number

/** Makes the function of a call; `at` is the place of its name in the table. */
type MakeCall = (name: string, at: number) => SysCall

class CallTable {
  readonly #make: MakeCall
  readonly #made: (SysCall | undefined)[] = []

  constructor(make: MakeCall) {
    this.#make = make
  }

  static addCall(prototype: object, name: string, at: number): void {
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: CallTable): SysCall {
        return this.#made[at] ??= this.#make(name, at)
      },
    })
  }
}

/** Makes a table of some names. */
type TableOf = (make: MakeCall) => object

/** By the prototype of its tables. */
const kinds = new WeakMap<object, TableOf>()

/** Tables with these names and no others: nothing of Object.prototype is a call. */
export const tablesOf = (names: readonly string[]): TableOf => {
  class Table extends CallTable {}
  const { prototype } = Table
  Reflect.deleteProperty(prototype, 'constructor')
  Object.setPrototypeOf(prototype, null)
  names.forEach((name, at) => CallTable.addCall(prototype, name, at))
  const tableOf: TableOf = (make) => new Table(make)
  kinds.set(prototype, tableOf)
  return tableOf
}

/** The names of all calls: `callNames(kernel.sys)`. */
export const callNames = (calls: object): readonly string[] => {
  const names: string[] = []
  for (const name in calls) names.push(name)
  return names
}

/** The same calls, each as `wrap` makes it when it is first used. */
export const wrapTable = <Calls extends object>(calls: Calls, wrap: (name: string, call: SysCall) => SysCall): Calls => {
  const byName = calls as Readonly<Record<string, SysCall>>
  const tableOf = kinds.get(Object.getPrototypeOf(calls) as object) ?? tablesOf(callNames(calls))
  return tableOf((name) => wrap(name, byName[name]!)) as Calls
}
