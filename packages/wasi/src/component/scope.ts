/** The definitions of a component so far, by sort and number, within those of the components around it. */
import { ProgramError } from '../errors.ts'
import type { Extern, FuncPart, Sort, TypePart } from './parts.ts'
import { ResourceType } from './resources.ts'

/** A type that a component has declared, and where the types are that it names. */
export interface DeclaredType {
  readonly part: TypePart
  readonly scope: Scope
}
/** The entry of an index of types. */
export type LinkedType = DeclaredType | ResourceType

/** An export of an instance. */
export interface Exported {
  readonly sort: Sort
  readonly value: unknown
}
export type Exports = ReadonlyMap<string, Exported>

export class Scope {
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

  type(index: number): LinkedType {
    return this.get('type', index)
  }

  /** Throws `malformed-module` unless the type is one of this kind. */
  declared<K extends TypePart['kind']>(
    index: number, kind: K,
  ): DeclaredType & { part: Extract<TypePart, { kind: K }> } {
    const type = this.type(index)
    if (type instanceof ResourceType || type.part.kind !== kind)
      throw new ProgramError('malformed-module', `type ${index} of the component is not a ${kind}`)
    return type as DeclaredType & { part: Extract<TypePart, { kind: K }> }
  }

  /** The scope that so many components around this one have. */
  around(count: number): Scope {
    if (count === 0) return this
    if (this.outer === null) throw new ProgramError('malformed-module', 'the component names one around it that is not')
    return this.outer.around(count - 1)
  }
}

/** An export of an instance. Throws `malformed-module` where it has none of that name and sort. */
export const exportOf = (from: Exports, sort: Sort, name: string): unknown => {
  const found = from.get(name)
  if (found === undefined || found.sort !== sort)
    throw new ProgramError('malformed-module', `the component has no \`${name}\` to name`)
  return found.value
}

/** Makes the functions of the host that are only declared. */
export interface Stand {
  readonly func: (name: string, type: DeclaredType & { readonly part: FuncPart }) => unknown
  /** Counts a declaration; throws where there are too many. */
  readonly count: () => void
}

/** The exports of an instance of the host, as its type declares them. */
export const declaredInstance = (type: DeclaredType, stand: Stand): Exports => {
  const exported = new Map<string, Exported>()
  if (type.part.kind !== 'instance')
    throw new ProgramError('malformed-module', 'the component declares an instance by another type')
  const scope = new Scope(type.scope)
  for (const one of type.part.declarations) {
    stand.count()
    switch (one.kind) {
      case 'type': scope.push('type', { part: one.type, scope } satisfies DeclaredType); break
      case 'core type': scope.push('core type', one.type); break
      case 'alias': scope.push(one.sort, exportOf(scope.get('instance', one.instance), one.sort, one.name)); break
      case 'outer alias': scope.push(one.sort, scope.around(one.count).get(one.sort, one.index)); break
      case 'import': throw new ProgramError('malformed-module', 'the component declares an instance with imports')
      case 'export': {
        const value = declaredExtern(scope, one.name, one.extern, stand)
        scope.push(one.extern.sort, value)
        exported.set(one.name, { sort: one.extern.sort, value })
      }
    }
  }
  return exported
}

/** The value of an import or an export of the host. */
export const declaredExtern = (scope: Scope, name: string, { sort, type }: Extern, stand: Stand): unknown => {
  if (sort === 'type') return type === null ? new ResourceType(null) : scope.type(type)
  if (sort === 'func') return stand.func(name, scope.declared(type, 'func'))
  if (sort === 'instance') return declaredInstance(scope.declared(type, 'instance'), stand)
  throw new ProgramError('unknown-import', `the component imports the ${sort} \`${name}\``)
}
