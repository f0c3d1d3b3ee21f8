/** Whether what is given fits what is declared; where nothing is given, something new stands for it. */
import { moduleFits } from '../core-types.ts'
import type { CoreTypePart, Declaration, Extern } from '../parts.ts'
import { ResourceType } from '../resources.ts'
import { exportOf, Scope } from '../scope.ts'
import type { DeclaredType, Exported, Exports, LinkedType } from '../scope.ts'
import type { Checking, ComponentType } from './checking.ts'
import { invalid } from './invalid.ts'
import { ExternNames } from './names.ts'
import { sameFunction, sameType } from './same.ts'
import type { FuncType } from './same.ts'
import { assertType, contains, isBorrow } from './value-rules.ts'

/** Makes an instance of a component, for its type: its exports. Throws if an argument does not fit. */
export type Instantiate = (checking: Checking, component: ComponentType, args: Exports) => Exports

export interface Binding {
  readonly checking: Checking
  readonly instantiate: Instantiate
}

/** The value that an import or an export stands for. `given` is null where only its type is known. */
export const bind = (
  binding: Binding, scope: Scope, name: string, { sort, type }: Extern, given: Exported | null,
): unknown => {
  binding.checking.step(1)
  if (given !== null && given.sort !== sort)
    throw invalid(`\`${name}\` is a ${given.sort}, where a ${sort} is asked for`)
  const value = given?.value ?? null
  switch (sort) {
    case 'type': return boundType(scope, name, type, value as LinkedType | null)
    case 'func': {
      const declared = scope.declared(type, 'func')
      const { checking } = binding
      checking.signature(declared)
      if (value !== null && !sameFunction(value as FuncType, declared, (one) => checking.signature(one)))
        throw invalid(`the function \`${name}\` is of another type than it is declared to be`)
      return value ?? declared
    }
    case 'instance': return boundInstance(binding, name, scope.declared(type, 'instance'), value as Exports | null)
    case 'component': {
      const declared: ComponentType = { type: scope.declared(type, 'component') }
      if (value !== null) assertComponentFits(binding, value as ComponentType, declared)
      return declared
    }
    case 'core module': {
      const declared = scope.get<CoreTypePart>('core type', type)
      if (declared.kind !== 'core module') throw invalid(`core type ${type} is not one of modules`)
      if (value !== null && !moduleFits(value as typeof declared, declared))
        throw invalid(`the module \`${name}\` does not fit its type`)
      return declared
    }
  }
}

const boundType = (scope: Scope, name: string, type: number | null, given: LinkedType | null): LinkedType => {
  if (type === null) {
    if (given !== null && !(given instanceof ResourceType)) throw invalid(`the type \`${name}\` is not a resource`)
    return given ?? new ResourceType(null)
  }
  const declared = scope.type(type)
  if (given !== null && !sameType(given, declared)) throw invalid(`the type \`${name}\` is another than declared`)
  return declared
}

/** Declares in `scope` what is no import and no export. */
const declare = (binding: Binding, scope: Scope, one: Declaration): void => {
  switch (one.kind) {
    case 'type':
      if (one.type.kind === 'resource') throw invalid('a resource that is defined within a type')
      assertDeclared(binding, scope, one.type)
      return scope.push('type', { part: one.type, scope } satisfies DeclaredType)
    case 'core type': return scope.push('core type', one.type)
    case 'alias':
      if (one.sort !== 'type' && one.sort !== 'instance') throw invalid(`an alias of a ${one.sort} within a type`)
      return scope.push(one.sort, exportOf(scope.get('instance', one.instance), one.sort, one.name))
    case 'outer alias':
      if (one.sort !== 'type' && one.sort !== 'core type') throw invalid(`an alias of a ${one.sort} within a type`)
      return scope.push(one.sort, scope.around(one.count).get(one.sort, one.index))
    default:
  }
}

/** The rules of a declared type; the types of instances and components are gone through once. */
export const assertDeclared = (binding: Binding, scope: Scope, part: DeclaredType['part']): void => {
  assertType(scope, part)
  const type: DeclaredType = { part, scope }
  if (part.kind === 'instance') boundInstance(binding, 'instance', type, null)
  else if (part.kind === 'component') declaredExports(binding, type, null)
  else if (part.kind === 'func') {
    const { result } = binding.checking.signature(type as FuncType)
    if (contains(result, isBorrow)) throw invalid('a function that gives a borrowed resource')
  }
}

const boundInstance = (binding: Binding, name: string, type: DeclaredType, given: Exports | null): Exports => {
  const scope = new Scope(type.scope)
  const exported = new Map<string, Exported>()
  const names = new ExternNames()
  if (type.part.kind !== 'instance') throw invalid(`\`${name}\` is declared by a type that is not one of instances`)
  for (const one of type.part.declarations) {
    binding.checking.step(1)
    if (one.kind !== 'export') {
      if (one.kind === 'import') throw invalid('an import of an instance')
      declare(binding, scope, one)
      continue
    }
    names.add(one.name)
    const own = given === null ? null : given.get(one.name) ?? missing(one.name)
    const value = bind(binding, scope, one.name, one.extern, own)
    scope.push(one.extern.sort, value)
    exported.set(one.name, { sort: one.extern.sort, value })
  }
  return exported
}

const missing = (name: string): never => {
  throw invalid(`\`${name}\` is asked for, and not there`)
}

/** The exports of a component of which only the type is known. `args` is null for anything that fits. */
export const declaredExports = (binding: Binding, type: DeclaredType, args: Exports | null): Exports => {
  const scope = new Scope(type.scope)
  const exported = new Map<string, Exported>()
  const [imports, exports] = [new ExternNames(), new ExternNames()]
  if (type.part.kind !== 'component') throw invalid('a component of a type that is not one of components')
  for (const one of type.part.declarations) {
    binding.checking.step(1)
    if (one.kind !== 'import' && one.kind !== 'export') {
      declare(binding, scope, one)
      continue
    }
    const isImport = one.kind === 'import'
    ;(isImport ? imports : exports).add(one.name)
    const given = isImport && args !== null ? args.get(one.name) ?? missing(one.name) : null
    const value = bind(binding, scope, one.name, one.extern, given)
    scope.push(one.extern.sort, value)
    if (!isImport) exported.set(one.name, { sort: one.extern.sort, value })
  }
  return exported
}

/** A component fits a type if it can be made of the imports of the type, and has its exports then. */
const assertComponentFits = (binding: Binding, actual: ComponentType, expected: ComponentType): void => {
  if (!('type' in expected) || expected.type.part.kind !== 'component') throw invalid('no type of components')
  const scope = new Scope(expected.type.scope)
  const args = new Map<string, Exported>()
  let exports: Exports | null = null
  for (const one of expected.type.part.declarations) {
    binding.checking.step(1)
    if (one.kind === 'import') {
      const value = bind(binding, scope, one.name, one.extern, null)
      args.set(one.name, { sort: one.extern.sort, value })
      scope.push(one.extern.sort, value)
    } else if (one.kind === 'export') {
      exports ??= binding.instantiate(binding.checking, actual, args)
      scope.push(one.extern.sort,
        bind(binding, scope, one.name, one.extern, exports.get(one.name) ?? missing(one.name)))
    } else declare(binding, scope, one)
  }
  exports ??= binding.instantiate(binding.checking, actual, args)
}
