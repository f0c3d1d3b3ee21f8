/** The state of putting a component together: its functions, memories and instances so far. */
import { ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import type { Import } from '../guard.ts'
import { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import type { Begin } from './async/lower.ts'
import { aside, Scheduler } from './async/task.ts'
import { bridgeTo } from './bridge.ts'
import type { Bridge } from './bridge.ts'
import { Callee } from './callee.ts'
import type { Realloc } from './callee.ts'
import type { CoreFunction, Lifted, Outside } from './calls.ts'
import type { Given } from './given.ts'
import { interfaces } from './host/table.ts'
import { ComponentInstance } from './instance.ts'
import type { CanonOptions, ComponentParts, Sort } from './parts.ts'
import { Scope } from './scope.ts'
import type { Exports } from './scope.ts'
import type { Signature } from './value-types.ts'
import { Wasi3 } from './wasi3/table.ts'

/** A function of WASI, as it works on the memory of the component that calls it. */
export interface HostFunction {
  readonly kind: 'host'
  readonly from: string
  readonly name: string
  readonly signature: () => Signature
}
/** A function that the embedder gives. */
export interface GivenFunction {
  readonly kind: 'given'
  readonly name: string
  readonly call: Outside
  readonly signature: () => Signature
  /** Begins a call that may be answered later; null for a function that answers at once. */
  readonly begin: Begin | null
}
export type Func = HostFunction | GivenFunction | Lifted

/** A component, and what is around it. */
export interface Closure {
  readonly parts: ComponentParts
  readonly scope: Scope
}

/** How a core module becomes an instance, and a function an import. */
export interface Making {
  readonly process: Process
  /** Imports of the embedder's. */
  readonly given: Given
  readonly instantiate: (program: Program, imports: WebAssembly.Imports) => WebAssembly.Exports
  readonly wrap: (call: Import, waits: boolean) => unknown
  /** Runs some of the component out of a call of its own, where it cannot be suspended. */
  readonly withoutWaiting: <T>(call: () => T) => T
  /** A core function as it is called from another component. */
  readonly enter: (call: CoreFunction, mayWait: () => boolean) => CoreFunction
  /** Shows a memory of a core instance; by default it is the engine's own. */
  readonly attach?: (view: GuestMemory, memory: WebAssembly.Memory) => void
  /** Stands for exports of core instances, where none is made. */
  readonly standIn?: (sort: Sort) => unknown
}

export interface Linkable {
  readonly parts: ComponentParts
  readonly modules: readonly Program[]
  /** How often the modules become instances that limits were shared out among. */
  readonly bounded: ReadonlyMap<Program, number>
}

/** Parts and names that are put together at most: components may contain one another many times. */
const MOST_STEPS = 200_000

export class Linking {
  readonly program: Linkable
  readonly making: Making
  readonly memories = new Map<WebAssembly.Memory, GuestMemory>()
  readonly bridges = new Map<Callee, Bridge>()
  /** Interfaces of WASI that were made for a callee, by name. */
  readonly hosts = new Map<Callee, Map<string, Readonly<Record<string, Import>>>>()
  /** How often modules are instances already. */
  readonly placed = new Map<Program, number>()
  /** Functions of ours that became imports, by what the core module was given. */
  readonly imports = new Map<unknown, Import>()
  readonly scheduler = new Scheduler()
  #wasi3: Wasi3 | null = null
  #steps = 0

  constructor(program: Linkable, making: Making) {
    this.program = program
    this.making = making
  }

  get wasi3(): Wasi3 {
    return (this.#wasi3 ??= new Wasi3(this.making.process, this.scheduler))
  }

  /** Counts parts. */
  step(parts: number): void {
    this.#steps += parts
    if (this.#steps > MOST_STEPS) throw new ProgramError('unsupported-module', 'the component has too many parts')
    this.making.process.look()
  }
}

/** The making of one instance of a component. */
export class Placing {
  readonly linking: Linking
  readonly scope: Scope
  readonly instance = new ComponentInstance()
  /** The arguments of its instantiation; null for the outermost component. */
  readonly args: Exports | null
  readonly callees: { memory: unknown; realloc: unknown; encoding: string; callee: Callee }[] = []

  constructor(linking: Linking, around: Scope | null, args: Exports | null) {
    this.linking = linking
    this.scope = new Scope(around)
    this.args = args
  }
}

/** A core function for calls by us. */
export const callable = ({ linking: { imports }, scope }: Placing, index: number): CoreFunction => {
  const value = scope.get('core func', index)
  const call = imports.get(value) ?? value
  if (typeof call === 'function') return call as CoreFunction
  throw new ProgramError('malformed-module', `the component uses index ${index} as a core function, but it is not one`)
}

/** A core function that no task calls: where tasks are told apart, it is in none. */
export const asideOf = ({ linking: { scheduler }, instance }: Placing, call: CoreFunction): CoreFunction =>
  (...words) => (instance.hasTasks ? scheduler.run(aside(), () => call(...words)) : call(...words))

const memoryOf = (linking: Linking, memory: WebAssembly.Memory): GuestMemory => {
  const { memories } = linking
  const { process, attach } = linking.making
  const known = memories.get(memory)
  if (known !== undefined) return known
  const made = memories.size === 0 ? process.memory : new GuestMemory()
  if (attach === undefined) made.attach(memory)
  else attach(made, memory)
  memories.set(memory, made)
  return made
}

/** The memory, handles and strings that functions with these options work on. */
export const calleeOf = (placing: Placing, options: Pick<CanonOptions, 'encoding' | 'memory' | 'realloc'>): Callee => {
  const { linking, scope, instance, callees } = placing
  const { encoding, memory, realloc } = options
  const { withoutWaiting, process } = linking.making
  const of = memory === null ? null : scope.get<WebAssembly.Memory>('core memory', memory)
  const make = realloc === null ? null : callable(placing, realloc) as unknown as Realloc
  const known = callees.find((one) => one.memory === of && one.realloc === make && one.encoding === encoding)
  if (known !== undefined) return known.callee
  if (of !== null && !(of instanceof WebAssembly.Memory))
    throw new ProgramError('malformed-module', `the component uses index ${memory} as a memory, but it is not one`)
  const room = make && asideOf(placing, make as never) as unknown as Realloc
  const pinned: Realloc | null = room && ((...words) => withoutWaiting(() => room(...words)))
  const guest = of === null ? new GuestMemory() : memoryOf(linking, of)
  const callee = new Callee(process, guest, instance, pinned, encoding)
  callees.push({ memory: of, realloc: make, encoding, callee })
  return callee
}

const interfaceFor = (linking: Linking, callee: Callee, from: string): Readonly<Record<string, Import>> => {
  const { hosts } = linking
  const own = hosts.get(callee) ?? new Map<string, Readonly<Record<string, Import>>>()
  hosts.set(callee, own)
  const functions = own.get(from) ?? ownValue(interfaces, from)!(callee)
  own.set(from, functions)
  return functions
}

/** A function of WASI, over the memory of the component that calls it. */
export const hostFunction = (linking: Linking, callee: Callee, { from, name, signature }: HostFunction): Import => {
  const { bridges } = linking
  const isUtf8 = callee.encoding === 'utf8'
  const bridge = isUtf8 ? null : bridges.get(callee) ?? bridgeTo(callee)
  if (bridge !== null) bridges.set(callee, bridge)
  const functions = interfaceFor(linking, bridge?.callee ?? callee, from)
  if (!Object.hasOwn(functions, name))
    throw new ProgramError('unknown-import', `the component imports the function \`${from}.${name}\``)
  const call = functions[name]!
  return bridge === null ? call : bridge.cross(signature, call)
}
