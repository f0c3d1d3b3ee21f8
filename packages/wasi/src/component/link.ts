/**
 * Puts a component together: its core modules become instances, and what they import of WASI is answered by the kernel
 * as the task. Everything that crosses is a core function over the memory that it names.
 */
import { ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import { guardRest } from '../guard.ts'
import type { Import } from '../guard.ts'
import { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import { Callee } from './callee.ts'
import type { Realloc } from './callee.ts'
import { Handles } from './handles.ts'
import { interfaceOf, interfaces, mayWait } from './host/table.ts'
import type { Lifted } from './lift.ts'
import type { CanonOptions, ComponentParts, Named, Part, Sort } from './parts.ts'
import type { DeclaredType } from './value-types.ts'

/** A function of WASI. */
interface HostFunction {
  readonly kind: 'host'
  readonly from: string
  readonly name: string
}
type Func = HostFunction | Lifted
/** What a component exports, each with its sort. */
interface Exported {
  readonly sort: Sort
  readonly value: unknown
}
type Exports = ReadonlyMap<string, Exported>
/** An interface of WASI by its name, or the exports of a component. */
type Instance = string | Exports
type CoreExports = Readonly<Record<string, unknown>>
interface Closure {
  readonly parts: ComponentParts
  readonly scope: Scope
}

/** How a core module becomes an instance, and a function an import. */
export interface Making {
  readonly process: Process
  readonly instantiate: (program: Program, imports: WebAssembly.Imports) => WebAssembly.Exports
  readonly wrap: (call: Import, waits: boolean) => unknown
  /** Runs some of the component out of a call of its own, where it cannot be suspended. */
  readonly withoutWaiting: <T>(call: () => T) => T
}

interface Linkable {
  readonly parts: ComponentParts
  readonly modules: readonly Program[]
  /** Modules that become instances once, because of limits that were shared out among them. */
  readonly bounded: ReadonlySet<Program>
}

/** Parts and names that are put together at most: components may contain one another many times. */
const MOST_STEPS = 200_000

class Scope {
  readonly outer: Scope | null
  readonly #spaces = new Map<Sort, unknown[]>()

  constructor(outer: Scope | null) {
    this.outer = outer
  }

  push(sort: Sort, value: unknown): void {
    const space = this.#spaces.get(sort)
    if (space === undefined) this.#spaces.set(sort, [value])
    else space.push(value)
  }

  get<T>(sort: Sort, index: number): T {
    const value = this.#spaces.get(sort)?.[index]
    if (value === undefined) throw new ProgramError('malformed-module', `the component has no ${sort} ${index}`)
    return value as T
  }
}

/** Exports that limits have added to a module: its fuel is not for other modules to fill. */
const OURS = 'lsmkit:'

const OTHER: DeclaredType = { part: { kind: 'other' }, lookUp: () => OTHER }

/** What is being put together, and what was made for it so far. */
class Linking {
  readonly program: Linkable
  readonly making: Making
  readonly handles = new Handles()
  readonly memories = new Map<WebAssembly.Memory, GuestMemory>()
  readonly callees: { memory: unknown; realloc: unknown; callee: Callee }[] = []
  /** Interfaces of WASI that were made for a callee, by name. */
  readonly hosts = new Map<Callee, Map<string, Readonly<Record<string, Import>>>>()
  /** Modules that are instances already. */
  readonly placed = new Set<Program>()
  /** A callee without memory: it ends a component that drops a resource which is not there. */
  readonly none: Callee
  steps = 0

  constructor(program: Linkable, making: Making) {
    this.program = program
    this.making = making
    this.none = new Callee(making.process, new GuestMemory(), this.handles, null)
  }
}

/** Puts a component together and answers its exports. Throws a ProgramError if parts do not fit, or cannot run here. */
export const linkComponent = (program: Linkable, making: Making): Exports =>
  put(new Linking(program, making), program.parts, null, null)

const memoryOf = (linking: Linking, memory: WebAssembly.Memory): GuestMemory => {
  const { memories } = linking
  const { process } = linking.making
  const known = memories.get(memory)
  if (known !== undefined) return known
  const made = memories.size === 0 ? process.memory : new GuestMemory()
  made.attach(memory)
  memories.set(memory, made)
  return made
}

const calleeOf = (linking: Linking, scope: Scope, { memory, realloc }: CanonOptions): Callee => {
  const { callees } = linking
  const { withoutWaiting, process } = linking.making
  const of = memory === null ? null : scope.get<WebAssembly.Memory>('core memory', memory)
  const make = realloc === null ? null : scope.get<Realloc>('core func', realloc)
  const known = callees.find((one) => one.memory === of && one.realloc === make)
  if (known !== undefined) return known.callee
  if (of !== null && !(of instanceof WebAssembly.Memory))
    throw new ProgramError('malformed-module', `the component uses index ${memory} as a memory, but it is not one`)
  const pinned: Realloc | null = make && ((...words) => withoutWaiting(() => make(...words)))
  const callee = new Callee(process, of === null ? new GuestMemory() : memoryOf(linking, of), linking.handles, pinned)
  callees.push({ memory: of, realloc: make, callee })
  return callee
}

const hostFunction = (linking: Linking, callee: Callee, { from, name }: HostFunction): Import => {
  const { hosts } = linking
  const own = hosts.get(callee) ?? new Map<string, Readonly<Record<string, Import>>>()
  hosts.set(callee, own)
  const functions = own.get(from) ?? ownValue(interfaces, from)!(callee)
  own.set(from, functions)
  if (!Object.hasOwn(functions, name))
    throw new ProgramError('unknown-import', `the component imports the function \`${from}.${name}\``)
  return functions[name]!
}

const lower = (linking: Linking, scope: Scope, { func, options }: Extract<Part, { kind: 'lower' }>): unknown => {
  const { wrap, process } = linking.making
  const of = scope.get<Func>('func', func)
  if (of.kind === 'lifted')
    throw new ProgramError('unsupported-module', 'the component is made of others that call one another')
  const waits = mayWait(of.name)
  return wrap(guardRest(process, hostFunction(linking, calleeOf(linking, scope, options), of)), waits)
}

/** An instance of a core module. A module with limits is placed once: its share of them was set in advance. */
const instance = (linking: Linking, program: Program, imports: WebAssembly.Imports): WebAssembly.Exports => {
  const { placed } = linking
  const { bounded } = linking.program
  const { instantiate } = linking.making
  if (placed.has(program) && bounded.has(program))
    throw new ProgramError('unsupported-module', 'the component uses a core module twice, which no limit bounds')
  placed.add(program)
  const own = Object.entries(instantiate(program, imports)).filter(([name]) => !name.startsWith(OURS))
  return Object.assign(Object.create(null) as WebAssembly.Exports, Object.fromEntries(own))
}

const record = (scope: Scope, named: readonly Named[]): CoreExports => {
  const made = Object.create(null) as Record<string, unknown>
  for (const { name, sort, index } of named) made[name] = scope.get(sort, index)
  return made
}

const exportsOf = (scope: Scope, named: readonly Named[]): Exports =>
  new Map(named.map(({ name, sort, index }) => [name, { sort, value: scope.get(sort, index) }]))

const ofInstance = (from: Instance, sort: Sort, name: string): unknown => {
  if (typeof from === 'string')
    return sort === 'func' ? { kind: 'host', from, name } satisfies HostFunction : OTHER
  const found = from.get(name)
  if (found === undefined || found.sort !== sort)
    throw new ProgramError('malformed-module', `the component has no \`${name}\` to name`)
  return found.value
}

const alias = (scope: Scope, { sort, instance: index, name }: Extract<Part, { kind: 'alias' }>): unknown => {
  if (!sort.startsWith('core ') || sort === 'core module') return ofInstance(scope.get('instance', index), sort, name)
  return scope.get<CoreExports>('core instance', index)[name]
}

const outer = (scope: Scope, count: number): Scope => {
  let found = scope
  for (let left = count; left > 0 && found.outer !== null; left--) found = found.outer
  return found
}

/** Puts a value into the scope for each part that makes one. */
const add = (
  linking: Linking, scope: Scope, part: Part, args: Exports | null, exported: Map<string, Exported>,
): void => {
  const { modules } = linking.program
  const { wrap, process } = linking.making
  switch (part.kind) {
    case 'core module': return scope.push('core module', modules[part.number])
    case 'core instance': {
      const imports = Object.create(null) as WebAssembly.Imports
      for (const { name, sort, index } of part.args) imports[name] = scope.get(sort, index)
      return scope.push('core instance', instance(linking, scope.get('core module', part.module), imports))
    }
    case 'core exports': return scope.push('core instance', record(scope, part.exports))
    case 'component': return scope.push('component', { parts: part.component, scope } satisfies Closure)
    case 'instance': {
      const of = scope.get<Closure>('component', part.component)
      return scope.push('instance', put(linking, of.parts, of.scope, exportsOf(scope, part.args)))
    }
    case 'exports': return scope.push('instance', exportsOf(scope, part.exports))
    case 'alias': return scope.push(part.sort, alias(scope, part))
    case 'outer alias': return scope.push(part.sort, outer(scope, part.count).get(part.sort, part.index))
    case 'type': return scope.push('type', typeIn(scope, part.type))
    case 'lift': return scope.push('func', {
      kind: 'lifted', core: scope.get('core func', part.func), callee: calleeOf(linking, scope, part.options),
      postReturn: part.options.postReturn === null ? null : scope.get('core func', part.options.postReturn),
      type: scope.get('type', part.type),
    } satisfies Lifted)
    case 'lower': return scope.push('core func', lower(linking, scope, part))
    case 'drop': {
      const call = (index: number): void => drop(linking, index)
      return scope.push('core func', wrap(guardRest(process, call), false))
    }
    case 'import': return scope.push(part.sort, imported(part, args))
    case 'export': {
      const value = scope.get(part.sort, part.index)
      exported.set(part.name, { sort: part.sort, value })
      return scope.push(part.sort, value)
    }
  }
}

const drop = (linking: Linking, index: number): void => {
  if (!linking.handles.drop(index)) linking.none.trap(`no such resource: ${index}`)
}

const put = (linking: Linking, of: ComponentParts, around: Scope | null, args: Exports | null): Exports => {
  const { process } = linking.making
  const scope = new Scope(around)
  const exported = new Map<string, Exported>()
  for (const part of of) {
    linking.steps += 1 + namesIn(part)
    if (linking.steps > MOST_STEPS) throw new ProgramError('unsupported-module', 'the component has too many parts')
    process.look()
    add(linking, scope, part, args, exported)
  }
  return exported
}

const typeIn = (scope: Scope, part: DeclaredType['part']): DeclaredType =>
  ({ part, lookUp: (index) => scope.get('type', index) })

/** For the outermost component (`args` is null) the interfaces of WASI. */
const imported = ({ name, sort }: Extract<Part, { kind: 'import' }>, args: Exports | null): unknown => {
  if (sort === 'type') return args?.get(name)?.value ?? OTHER
  const given = args === null ? interfaceOf(name) : args.get(name)?.value
  if (given === null || given === undefined || (args === null && sort !== 'instance')) throw notThere(name)
  return given
}

export const notThere = (name: string): ProgramError => {
  const hint = /@0\.[^2]/.test(name) ? 'version 0.2 of WASI is what runs here' : ''
  return new ProgramError('unknown-import', `the component imports \`${name}\``, hint)
}

const namesIn = (part: Part): number =>
  'args' in part ? part.args.length : 'exports' in part ? part.exports.length : 0
