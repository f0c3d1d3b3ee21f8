/**
 * Programs as a WebAssembly module, mostly one alone: one function a subprogram, r0 to r10 in i64 locals. Exports:
 * `run(context) -> r0` (low word; the high one in the machine's cell), `entry(words) -> r0` for hooks,
 * `main(context, low) -> i64` for tail calls, and `call(subprogram, r1 … r5) -> r0` for callbacks of helpers.
 */
import type { Executable, Helper, InlineMap } from '../vm/executable.ts'
import type { Accessor } from '../vm/object-space.ts'
import { Body } from '../wasm/body.ts'
import { ModuleBuilder, func } from '../wasm/module.ts'
import { costsOf } from './cost.ts'
import type { Costs } from './cost.ts'
import { emitCallback, emitEntry, emitRun, planEntry } from './emit-entry.ts'
import type { Entry, EntryPlan } from './emit-entry.ts'
import { emitMain, emitSubprogram } from './emit-function.ts'
import type { ModuleParts } from './emit-function.ts'
import { flowOf } from './flow.ts'
import type { Flow } from './flow.ts'
import type { Imports, Places } from './frame.ts'
import { emitHashFunction } from './hash-lookup.ts'
import type { Ahead } from './object-flow.ts'

export type ObjectImports = Readonly<Record<'value' | 'handle' | 'object', readonly Accessor[]>>

export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly entry: Omit<Entry, 'body'>
  /** Helpers in the order of their imports, `h0`, `h1` … */
  readonly helpers: readonly Helper[]
  /** Members of kernel objects in the order of their imports, `a0`, `a1` … */
  readonly accessors: readonly Accessor[]
  /** The same on objects: `value0`, `handle0`, `object0` … */
  readonly onObjects: ObjectImports
  /** Subprograms whose loops have no structure, so that a dispatcher runs them. */
  readonly dispatched: readonly number[]
}

/**
 * As one module: the names of a program's own imports and of its exports begin with its `prefixOf`. `budget`:
 * instructions of one run, up to 2^31 - 1.
 */
export const compileTogether = (
  programs: readonly Executable[], places: Places, budget: number,
): readonly Compiled[] => {
  const module = new ModuleBuilder()
  module.hasTable = true
  // all imports come before all functions
  const planned = programs.map((program, at) => planProgram(module, program, prefixOf(at)))
  const emitted = planned.map((one) => emitProgram(module, one, places, budget))
  const bytes = module.finish()
  return emitted.map((one) => ({ ...one, bytes }))
}

/** Of the programs of a module, the first has plain names. */
export const prefixOf = (at: number): string => (at === 0 ? '' : `${at}.`)

/** A program whose imports are in the module. */
interface Planned {
  readonly program: Executable
  readonly prefix: string
  readonly flows: readonly Flow[]
  readonly costs: Costs
  readonly plan: EntryPlan | null
  readonly helpers: readonly Helper[]
  readonly accessors: readonly Accessor[]
  readonly onObjects: ObjectImports
  readonly imports: Omit<Imports, 'lookups'>
}

const planProgram = (module: ModuleBuilder, program: Executable, prefix: string): Planned => {
  const { code, starts } = program
  const helpers = [...new Set(program.calls.values())]
  const accessors = [...new Set(program.accessors.values())].filter(({ form }) => form !== 'bytes')
  const flows = starts.map((start, at) => flowOf(code, start, starts[at + 1] ?? code.length))
  const costs = costsOf(program, flows)
  const entryPlan = planEntry(program, costs, flows[0]!)
  const onObjects = objectImports(entryPlan)
  const importObjects = (as: keyof ObjectImports): ReadonlyMap<Accessor, number> =>
    new Map(onObjects[as].map((accessor, at) => {
      const result = as === 'object' ? 'R' : as === 'value' && accessor.form === 'double' ? 'D' : 'i'
      return [accessor, module.import(`${prefix}${as}${at}`, func('R', result))]
    }))
  const imports = {
    fault: module.import('fault', func('ii', '')),
    tail: module.import('tail', func('iii', 'i')),
    callx: module.import(`${prefix}callx`, func('iiiiiiiiiiii', 'i')),
    packet: module.import('packet', func('iii', 'i')),
    object: module.import('object', func('iii', 'i')),
    accessors: new Map(accessors.map((accessor, at) =>
      [accessor, module.import(`${prefix}a${at}`, func('i', accessor.form === 'double' ? 'D' : 'i'))])),
    onObjects: { value: importObjects('value'), handle: importObjects('handle'), object: importObjects('object') },
    helpers: new Map(helpers.map((helper, at) => [helper, module.import(`${prefix}h${at}`, typeOf(helper))])),
  }
  return { program, prefix, flows, costs, plan: entryPlan, helpers, accessors, onObjects, imports }
}

const emitProgram = (
  module: ModuleBuilder, planned: Planned, places: Places, budget: number,
): Omit<Compiled, 'bytes'> => {
  const { program, prefix, flows, costs, helpers, accessors, onObjects } = planned
  const { starts } = program
  const lookups = new Map<InlineMap, number>()
  for (const { map } of program.wides.values()) {
    if (map?.kind === 'hash' && !lookups.has(map)) lookups.set(map, module.declare(func('i', 'i')))
  }
  const entryType = func('ii', 'I')
  const main = module.declare(entryType)
  const functions = starts.map(() => module.declare(func('IIIIIi', 'I')))
  const parts: ModuleParts = {
    program, places, imports: { ...planned.imports, lookups }, costs,
    callees: {
      functionAt: (slot) => functions[starts.indexOf(slot)],
      entryType: module.type(entryType),
      isRecursive: costs.isRecursive,
      usesFuel: (slot) => costs.usesFuel[starts.indexOf(slot)] === true,
    },
  }
  module.define(main, emitMain(parts, flows[0]!))
  for (const [at, flow] of flows.entries()) {
    // the entry itself is called only by itself
    const isCalled = at !== 0 || costs.isRecursive
    module.define(functions[at]!, isCalled ? emitSubprogram(parts, flow, at) : new Body(6).op('unreachable'))
  }
  for (const [map, index] of lookups) if (map.kind === 'hash') module.define(index, emitHashFunction(map))
  const give = (name: string, params: string, body: Body): void => {
    const index = module.declare(func(params, 'i'))
    module.define(index, body)
    module.export(`${prefix}${name}`, index)
  }
  const { body, ...entry } = emitEntry(parts, planned.plan, flows[0]!, main, budget)
  give('run', 'i', emitRun(parts, main, budget))
  give('entry', 'ii'.repeat(entry.words) + entry.ahead.map(letterOf).join(''), body)
  give('call', 'iiiiii', emitCallback(parts, functions))
  module.export(`${prefix}main`, main)
  const dispatched = flows.flatMap((flow, at) => (flow.isIrreducible ? [at] : []))
  return { entry, helpers, accessors, onObjects, dispatched }
}

const typeOf = ({ args }: Helper): ReturnType<typeof func> =>
  func([...args].map((letter) => (letter === 'l' ? 'ii' : 'i')).join(''), 'i')

/** What the entry loads from objects in its registers. */
const objectImports = (plan: EntryPlan | null): ObjectImports => {
  const found = { value: new Set<Accessor>(), handle: new Set<Accessor>(), object: new Set<Accessor>() }
  for (const load of plan?.objects?.loads.values() ?? []) if (load.by === 'object') found[load.as].add(load.accessor)
  return { value: [...found.value], handle: [...found.handle], object: [...found.object] }
}

const letterOf = ({ way, as }: Ahead): string =>
  as === 'object' ? 'R' : as === 'value' && way.members.at(-1)!.form === 'double' ? 'D' : 'i'
