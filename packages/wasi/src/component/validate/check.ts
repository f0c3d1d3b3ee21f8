/**
 * Checks that a component is valid: that each part is of the type where it is used. Components are gone through as they
 * are put together, with types in the place of values.
 */
import { coreFits } from '../core-types.ts'
import type { CoreExtern, CoreModuleType } from '../core-types.ts'
import type { ComponentParts, Named, Part, Sort, TypePart } from '../parts.ts'
import { ResourceType } from '../resources.ts'
import { exportOf } from '../scope.ts'
import type { Exported, Exports, LinkedType, Scope } from '../scope.ts'
import { assertDeclared, bind, declaredExports } from './bind.ts'
import type { Binding, Instantiate } from './bind.ts'
import { checkBuiltin } from './builtin-rules.ts'
import { checkDestroyer, checkLift, checkLower, checkResource } from './canon-rules.ts'
import { Checking, Place } from './checking.ts'
import type { ComponentType } from './checking.ts'
import { invalid } from './invalid.ts'
import { ExternNames } from './names.ts'

type CoreExports = ReadonlyMap<string, CoreExtern>

/** Throws `malformed-module` for a component that is not valid, `unsupported-module` for one of too many parts. */
export const assertValidComponent = (parts: ComponentParts, modules: readonly CoreModuleType[]): void =>
  void checkParts(new Place(new Checking(modules), null, null), parts)

const instantiate: Instantiate = (checking, component, args) =>
  ('parts' in component
    ? checkParts(new Place(checking, component.scope, args), component.parts)
    : declaredExports(bindingOf(checking), component.type, args))

const bindingOf = (checking: Checking): Binding => ({ checking, instantiate })

const checkParts = (place: Place, parts: ComponentParts): Exports => {
  const { checking } = place
  const exported = new Map<string, Exported>()
  const names = { import: new ExternNames(), export: new ExternNames() }
  if (place.args === null) checking.seen.add(parts)
  for (const part of parts) {
    checking.step(1 + ('args' in part ? part.args.length : 'exports' in part ? part.exports.length : 0))
    if (part.kind === 'import' || part.kind === 'export') names[part.kind].add(part.name)
    place.scope.push(...checkPart(place, part, exported))
  }
  return exported
}

/** The sort and the type of what a part makes. */
const checkPart = (place: Place, part: Part, exported: Map<string, Exported>): readonly [Sort, unknown] => {
  const { checking, scope } = place
  switch (part.kind) {
    case 'core module': return ['core module', checking.modules[part.number]]
    case 'core instance': return ['core instance', coreInstance(scope, part)]
    case 'core exports': return ['core instance', coreExports(scope, part.exports)]
    case 'component': return ['component', component(place, part.component)]
    case 'instance': {
      const args = named('an argument', part.args, scope, false)
      return ['instance', instantiate(checking, scope.get('component', part.component), args)]
    }
    case 'exports': return ['instance', named('an export', part.exports, scope, true)]
    case 'alias': return [part.sort, alias(scope, part)]
    case 'outer alias': return [part.sort, outerAlias(scope, part)]
    case 'core type': return ['core type', part.type]
    case 'type': return ['type', typeIn(place, part.type)]
    case 'lift': return ['func', checkLift(place, part)]
    case 'lower': return ['core func', checkLower(place, part)]
    case 'resource': return ['core func', checkResource(place, part)]
    case 'builtin': return ['core func', checkBuiltin(place, part)]
    case 'import': return [part.sort, imported(place, part)]
    case 'export': return [part.sort, exports(place, part, exported)]
  }
}

/** A component in another is checked by itself, once. */
const component = ({ checking, scope }: Place, parts: ComponentParts): ComponentType => {
  if (!checking.seen.has(parts)) checkParts(new Place(checking, scope, null), parts)
  return { parts, scope }
}

const typeIn = (place: Place, part: TypePart): LinkedType => {
  if (part.kind === 'resource') {
    if (part.destroy !== null) checkDestroyer(place, part.destroy)
    return new ResourceType(place.owner)
  }
  assertDeclared(bindingOf(place.checking), place.scope, part)
  return { part, scope: place.scope }
}

const named = (what: string, entries: readonly Named[], scope: Scope, isExtern: boolean): Exports => {
  const made = new Map<string, Exported>()
  const names = new ExternNames()
  for (const { name, sort, index } of entries) {
    if (isExtern) names.add(name)
    if (made.has(name)) throw invalid(`${what} \`${name}\` is there twice`)
    made.set(name, { sort, value: scope.get(sort, index) })
  }
  return made
}

const coreExports = (scope: Scope, entries: readonly Named[]): CoreExports => {
  const made = new Map<string, CoreExtern>()
  for (const { name, sort, index } of entries) {
    if (made.has(name)) throw invalid(`the export \`${name}\` is there twice`)
    made.set(name, scope.get(sort, index))
  }
  return made
}

const coreInstance = (scope: Scope, { module, args }: Extract<Part, { kind: 'core instance' }>): CoreExports => {
  const type = scope.get<CoreModuleType>('core module', module)
  const given = new Map<string, CoreExports>()
  for (const { name, sort, index } of args) {
    if (sort !== 'core instance') throw invalid(`a module is given a ${sort}`)
    if (given.has(name)) throw invalid(`the argument \`${name}\` is there twice`)
    given.set(name, scope.get(sort, index))
  }
  for (const [from, name, expected] of type.imports) {
    const actual = given.get(from)?.get(name)
    if (actual === undefined) throw invalid(`a module imports \`${from}.${name}\`, which it is not given`)
    if (!coreFits(actual, expected)) throw invalid(`what is given for \`${from}.${name}\` is of another type`)
  }
  return type.exports
}

const CORE_KINDS: Readonly<Record<string, CoreExtern['kind']>> = {
  'core func': 'func', 'core table': 'table', 'core memory': 'memory', 'core global': 'global', 'core tag': 'tag',
}

const alias = (scope: Scope, { sort, instance, name }: Extract<Part, { kind: 'alias' }>): unknown => {
  if (!sort.startsWith('core ') || sort === 'core module') return exportOf(scope.get('instance', instance), sort, name)
  const found = scope.get<CoreExports>('core instance', instance).get(name)
  if (found === undefined) throw invalid(`a core instance has no \`${name}\``)
  if (found.kind !== CORE_KINDS[sort]) throw invalid(`\`${name}\` is a ${found.kind}, and not a ${sort}`)
  return found
}

const OUTER: ReadonlySet<Sort> = new Set<Sort>(['type', 'component', 'core module', 'core type'])

const outerAlias = (scope: Scope, { sort, count, index }: Extract<Part, { kind: 'outer alias' }>): unknown => {
  if (!OUTER.has(sort)) throw invalid(`an alias of a ${sort} of a component around`)
  const found = scope.around(count).get(sort, index)
  if (count > 0 && found instanceof ResourceType) throw invalid('an alias of a resource of a component around')
  return found
}

const imported = ({ checking, scope, args }: Place, { name, extern }: Extract<Part, { kind: 'import' }>): unknown => {
  const given = args?.get(name) ?? null
  if (args !== null && given === null) throw invalid(`a component is instantiated without \`${name}\``)
  return bind(bindingOf(checking), scope, name, extern, given)
}

const exports = (
  { checking, scope }: Place, { name, sort, index, extern }: Extract<Part, { kind: 'export' }>,
  exported: Map<string, Exported>,
): unknown => {
  const own = { sort, value: scope.get(sort, index) }
  const value = extern === null ? own.value : bind(bindingOf(checking), scope, name, extern, own)
  exported.set(name, { sort, value })
  return value
}
