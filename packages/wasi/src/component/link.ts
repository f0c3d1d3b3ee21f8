/**
 * Puts a component together: its core modules become instances, and what they import of WASI is answered by the kernel
 * as the task. Everything that crosses is a core function over the memory that it names.
 */
import { isOurExport } from '../binary/our-exports.ts'
import { ProgramError } from '../errors.ts'
import type { Program } from '../program.ts'
import { builtinFunction, lift, lower, resourceFunction, resourceType, signatureLater } from './canon.ts'
import type { Giver } from './given.ts'
import { interfaceOf } from './host/table.ts'
import { Linking, Placing } from './linking.ts'
import type { Closure, GivenFunction, HostFunction, Linkable, Making } from './linking.ts'
import { interface3Of } from './wasi3/table.ts'
import type { ComponentParts, Extern, Named, Part, TypePart } from './parts.ts'
import { declaredExtern, declaredInstance, exportOf } from './scope.ts'
import type { DeclaredType, Exported, Exports, LinkedType, Scope, Stand } from './scope.ts'

type CoreExports = Readonly<Record<string, unknown>>

/** Puts a component together and answers its exports. Throws a ProgramError if parts do not fit, or cannot run here. */
export const linkComponent = (program: Linkable, making: Making): Exports => linked(new Linking(program, making))

/** As `linkComponent`, for one who needs the state of it. */
export const linked = (linking: Linking): Exports => put(new Placing(linking, null, null), linking.program.parts)

/** An instance of a core module. Limits were shared out in advance among so many of them. */
const coreInstance = ({ program, making, placed }: Linking, of: Program, imports: WebAssembly.Imports): CoreExports => {
  const count = (placed.get(of) ?? 0) + 1
  if (count > (program.bounded.get(of) ?? Infinity))
    throw new ProgramError('unsupported-module', 'the component uses a core module more often than limits bound')
  placed.set(of, count)
  const own = Object.entries(making.instantiate(of, imports)).filter(([name]) => !isOurExport(name))
  return Object.assign(Object.create(null) as WebAssembly.Exports, Object.fromEntries(own))
}

const record = (scope: Scope, named: readonly Named[]): CoreExports => {
  const made = Object.create(null) as Record<string, unknown>
  for (const { name, sort, index } of named) made[name] = scope.get(sort, index)
  return made
}

const exportsOf = (scope: Scope, named: readonly Named[]): Exports =>
  new Map(named.map(({ name, sort, index }) => [name, { sort, value: scope.get(sort, index) }]))

const alias = (
  { scope, linking: { making } }: Placing, { sort, instance: index, name }: Extract<Part, { kind: 'alias' }>,
): unknown => {
  if (!sort.startsWith('core ') || sort === 'core module') return exportOf(scope.get('instance', index), sort, name)
  return making.standIn?.(sort) ?? scope.get<CoreExports>('core instance', index)[name]
}

/** Puts a value into the scope for each part that makes one. */
const add = (placing: Placing, part: Part, exported: Map<string, Exported>): void => {
  const { linking, scope } = placing
  switch (part.kind) {
    case 'core module': return scope.push('core module', linking.program.modules[part.number])
    case 'core instance': {
      const imports = Object.create(null) as WebAssembly.Imports
      for (const { name, sort, index } of part.args) imports[name] = scope.get(sort, index)
      return scope.push('core instance', coreInstance(linking, scope.get('core module', part.module), imports))
    }
    case 'core exports': return scope.push('core instance', record(scope, part.exports))
    case 'component': return scope.push('component', { parts: part.component, scope } satisfies Closure)
    case 'instance': {
      const of = scope.get<Closure>('component', part.component)
      return scope.push('instance', put(new Placing(linking, of.scope, exportsOf(scope, part.args)), of.parts))
    }
    case 'exports': return scope.push('instance', exportsOf(scope, part.exports))
    case 'alias': return scope.push(part.sort, alias(placing, part))
    case 'outer alias': return scope.push(part.sort, scope.around(part.count).get(part.sort, part.index))
    case 'core type': return scope.push('core type', part.type)
    case 'type': return scope.push('type', typeIn(placing, part.type))
    case 'lift': return scope.push('func', lift(placing, part))
    case 'lower': return scope.push('core func', lower(placing, part))
    case 'resource': return scope.push('core func', resourceFunction(placing, part))
    case 'builtin': return scope.push('core func', builtinFunction(placing, part))
    case 'import': return scope.push(part.sort, imported(placing, part))
    case 'export': {
      const value = scope.get(part.sort, part.index)
      exported.set(part.name, { sort: part.sort, value })
      return scope.push(part.sort, seenFrom(scope, part.extern, value))
    }
  }
}

const put = (placing: Placing, parts: ComponentParts): Exports => {
  const exported = new Map<string, Exported>()
  for (const part of parts) {
    placing.linking.step(1 + namesIn(part))
    add(placing, part, exported)
  }
  return exported
}

const typeIn = (placing: Placing, part: TypePart): LinkedType =>
  (part.kind === 'resource' ? resourceType(placing, part.destroy) : { part, scope: placing.scope })

/** An export is of the type that it was declared to be of, if that is another name for a type. */
const seenFrom = (scope: Scope, extern: Extern | null, value: unknown): unknown =>
  (extern?.sort === 'type' && extern.type !== null ? scope.type(extern.type) : value)

/** For the outermost component the interfaces of WASI. */
const imported = ({ linking, scope, args }: Placing, part: Extract<Part, { kind: 'import' }>): unknown => {
  const { name, sort, extern } = part
  if (args !== null) {
    const found = args.get(name)
    if (found === undefined || found.sort !== sort)
      throw new ProgramError('malformed-module', `the component is instantiated without the ${sort} \`${name}\``)
    return found.value
  }
  if (extern.sort === 'type') return declaredExtern(scope, name, extern, standing(linking, name))
  const from = interfaceOf(name)
  const from3 = from === null ? interface3Of(name) : null
  if (from3 !== null) return declaredExtern(scope, name, extern, standing3(linking, from3))
  const giver = from === null ? linking.making.given(name) : null
  if (giver !== null) return declaredExtern(scope, name, extern, giving(linking, name, giver))
  if (from === null || extern.sort !== 'instance') throw notThere(name)
  return declaredInstance(scope.declared(extern.type, 'instance') satisfies DeclaredType, standing(linking, from))
}

/** What stands for an interface of WASI. */
const standing = (linking: Linking, from: string): Stand => ({
  func: (name, type) => ({ kind: 'host', from, name, signature: signatureLater(type) }) satisfies HostFunction,
  count: () => linking.step(1),
})

/** The functions of an interface of WASI 0.3. */
const standing3 = (linking: Linking, from: string): Stand => ({
  func: (name, type) => {
    const signature = signatureLater(type)
    const found = linking.wasi3.find(from, name, signature)
    if (found === null)
      throw new ProgramError('unknown-import', `the component imports the function \`${from}.${name}\``)
    return { kind: 'given', name: `${from}.${name}`, signature, ...found } satisfies GivenFunction
  },
  count: () => linking.step(1),
})

/** The embedder's functions stand for an import. */
const giving = (linking: Linking, from: string, giver: Giver): Stand => ({
  func: (name, type) => ({
    kind: 'given', name: from === name ? name : `${from}.${name}`, call: giver(name), signature: signatureLater(type),
    begin: null,
  }) satisfies GivenFunction,
  count: () => linking.step(1),
})

export const notThere = (name: string): ProgramError => {
  const hint = !name.startsWith('wasi:') ? `give it: \`imports: { '${name}': … }\``
    : /@0\.[^2]/.test(name) ? 'WASI 0.2 and 0.3 are what runs here' : ''
  return new ProgramError('unknown-import', `the component imports \`${name}\``, hint)
}

const namesIn = (part: Part): number =>
  'args' in part ? part.args.length : 'exports' in part ? part.exports.length : 0
