/**
 * Attributes that modules name and the policy does not have. Compilers leave out those that no rule names, those
 * without types, and all attributes of roles.
 */
import { W } from '../../cil/keywords.ts'
import { parse } from '../../cil/parse.ts'
import type { Tree } from '../../cil/parse.ts'
import type { CilSource, Place } from '../../cil/sources.ts'
import type { Policydb } from '../../policydb/policydb.ts'

/** CIL, with the attributes that a module says it needs where it was made of a package. */
export interface LinkedModule extends CilSource {
  readonly attributes?: readonly string[]
  readonly roleAttributes?: readonly string[]
}

export interface MissingSet {
  readonly kind: 'type' | 'role'
  readonly name: string
  /** The statement that names it. */
  readonly place: Place
  /** Only an optional block names it: the block stays, as the policy has the other names that it needs. */
  readonly isOptional: boolean
}

type Kind = MissingSet['kind']

const SETS: ReadonlyMap<number, Kind> = new Map([[W.typeattributeset, 'type'], [W.roleattributeset, 'role']])
const DECLARED: ReadonlyMap<number, Kind> = new Map([
  [W.typeattribute, 'type'], [W.roleattribute, 'role'], [W.type, 'type'], [W.role, 'role'],
])

interface Named {
  readonly kind: Kind
  readonly name: string
  readonly node: number
}

/** What one block says, without the optional blocks in it. */
interface Part {
  readonly isOptional: boolean
  readonly declared: Named[]
  /** Sets that something is put into. */
  readonly sets: Named[]
  /** Names that converters say the block needs. */
  readonly needed: Named[]
}

/** Attributes that modules need and the policy has not; `known` are declared besides. */
export const missingSets = (
  policy: Policydb, modules: readonly LinkedModule[], known: readonly string[],
): MissingSet[] => {
  const tree = parse(modules)
  const parts = partsOf(tree)
  const there: Record<Kind, Set<string>> = {
    type: new Set([...policy.types.items.map(({ name }) => name), ...known]),
    role: new Set(policy.roles.items.map(({ name }) => name)),
  }
  const own: Record<Kind, Set<string>> = { type: new Set(), role: new Set() }
  for (const { declared } of parts) for (const { kind, name } of declared) own[kind].add(name)
  const attributes = new Set(modules.flatMap((module) => module.attributes ?? []))
  const roles = new Set(modules.flatMap((module) => module.roleAttributes ?? []))
  const isKnown = ({ kind, name }: Named): boolean => there[kind].has(name) || own[kind].has(name)
  const found = new Map<string, MissingSet>()
  for (const { isOptional, sets, needed } of parts) {
    // Policies have all roles and no attribute of roles.
    const meant = needed.filter(({ kind, name }) => kind === 'role' ? roles.size === 0 || roles.has(name)
      : attributes.has(name))
    const missing = [...sets, ...meant].filter((named) => !isKnown(named) && !named.name.includes('.'))
    if (isOptional && !needed.some(({ kind, name }) => there[kind].has(name))) continue
    for (const { kind, name, node } of missing) {
      const before = found.get(`${kind} ${name}`)
      found.set(`${kind} ${name}`,
        { kind, name, place: tree.place(node), isOptional: isOptional && before?.isOptional !== false })
    }
  }
  return [...found.values()]
}

const partsOf = (tree: Tree): Part[] => {
  const parts: Part[] = []
  const partOf = (isOptional: boolean): Part => {
    const part: Part = { isOptional, declared: [], sets: [], needed: [] }
    parts.push(part)
    return part
  }
  const visit = (part: Part, from: number, to: number): void => {
    for (let at = from; at < to; at = tree.next[at]!) {
      const keyword = tree.isList(at) && !tree.isEmpty(at) ? tree.word[at + 1]! : -1
      const first = keyword < 0 ? -1 : tree.child(at, 1)
      const inner = first < 0 ? -1 : tree.child(at, 2)
      if (keyword === W.optional && inner >= 0) visit(partOf(true), inner, tree.next[at]!)
      else if ((keyword === W.block || keyword === W.in) && inner >= 0) visit(part, inner, tree.next[at]!)
      else if (first >= 0 && !tree.isList(first)) note(tree, part, { keyword, node: at, first, inner })
    }
  }
  const whole = partOf(false)
  for (const { from, to } of tree.roots) visit(whole, from, to)
  return parts
}

const note = (
  tree: Tree, part: Part,
  { keyword, node, first, inner }: { keyword: number; node: number; first: number; inner: number },
): void => {
  const declares = DECLARED.get(keyword)
  if (declares !== undefined) part.declared.push({ kind: declares, name: tree.text(first), node })
  const kind = SETS.get(keyword)
  if (kind === undefined) return
  if (tree.word[first] !== W.cil_gen_require) part.sets.push({ kind, name: tree.text(first), node })
  else if (inner >= 0 && !tree.isList(inner)) part.needed.push({ kind, name: tree.text(inner), node })
}
