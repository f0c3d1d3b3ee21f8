/** typebounds, rolebounds, userbounds: a child may do no more than its parent. */
import type { Avtab } from '../../policydb/avtab.ts'
import { AVTAB_ALLOWED } from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { contains } from '../../bits.ts'
import { CilError } from '../errors.ts'
import type { Related } from '../errors.ts'
import { hasType, typesOf } from '../expand/pairs.ts'
import type { RuleList } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import type { Atom } from '../resolve/symbols.ts'
import type { Numbering } from '../to-policydb/numbering.ts'

/** So many rules are shown with a child that exceeds its parent, */
const MOST_SHOWN = 4
/** and with so many children: looking for them takes all rules each time. */
const MOST_EXPLAINED = 64

/** Every child that exceeds its parent, with rules that are to blame. */
export const checkBounds = (n: Numbering, policy: Policydb): CilError[] => {
  const errors: CilError[] = []
  for (const atoms of [n.facts.users, n.facts.roles]) {
    for (const atom of atoms) {
      const { bounds, members } = atom
      if (bounds === null || members === null) continue
      if (bounds.members === null || !contains(bounds.members, members)) errors.push(exceeds(n, atom, []))
    }
  }
  const bounded = n.facts.types.filter(({ bounds }) => bounds !== null)
  if (bounded.length === 0) return errors
  const checker = new TypeBounds(n, policy)
  for (const type of bounded) {
    const excess = checker.excess(type)
    if (excess.size > 0) errors.push(exceeds(n, type, errors.length < MOST_EXPLAINED ? blame(n, type, excess) : []))
  }
  return errors
}

const exceeds = (n: Numbering, child: Atom, related: readonly Related[]): CilError =>
  new CilError(
    'bounds',
    `${child.flavor} \`${n.name(child)}\` may do more than \`${n.name(child.bounds!)}\`, which bounds it`,
    n.tree.place(child.node),
    { related },
  )

/** What a type is allowed: by the place of the target and the class, the permissions. */
type Rights = Map<number, number>

const CLASSES = 0x10000
const add = (rights: Rights, key: number, mask: number): void => void rights.set(key, (rights.get(key) ?? 0) | mask)

const merge = (a: Rights, b: Rights): Rights => {
  const merged = new Map(a)
  for (const [key, mask] of b) add(merged, key, mask)
  return merged
}

const common = (a: Rights, b: Rights): Rights => new Map([...a].map(([key, mask]) => [key, mask & (b.get(key) ?? 0)]))

class TypeBounds {
  readonly #n: Numbering
  readonly #policy: Policydb
  /** By value. */
  readonly #symbols: Declared[] = []
  /** The type that bounds each, by place; the type itself if none does. */
  readonly #parentOf: number[]
  /** By table: the places of its allow rules by the value of their source. */
  readonly #bySource = new Map<Avtab, ReadonlyMap<number, readonly number[]>>()

  constructor(n: Numbering, policy: Policydb) {
    this.#n = n
    this.#policy = policy
    for (const symbol of n.facts.typeOrder) {
      const value = n.type(symbol)
      if (value > 0) this.#symbols[value] = symbol
    }
    this.#parentOf = n.facts.types.map(({ bounds }, place) => bounds === null ? place : bounds.value)
  }

  /**
   * What the child may do that its parent may not. As in the kernel only what a type does is bounded, not what is done
   * to it; a target that is bounded counts as its own parent.
   */
  excess(child: Atom): Rights {
    this.#n.effort.node = child.node
    const [own, other] = [child.value, child.bounds!.value]
    const found: Rights = new Map()
    let limit = this.#rights(this.#policy.avtab, other)
    // What both branches of a condition allow the parent always holds for it; one branch adds to it while it counts.
    for (const { whenTrue, whenFalse } of this.#policy.conditionals) {
      const [yes, no] = [this.#rights(whenTrue, other), this.#rights(whenFalse, other)]
      if (yes.size > 0 && no.size > 0) limit = merge(limit, common(yes, no))
    }
    this.#compare(this.#rights(this.#policy.avtab, own), limit, found)
    for (const { whenTrue, whenFalse } of this.#policy.conditionals) {
      for (const branch of [whenTrue, whenFalse]) {
        const mine = this.#rights(branch, own)
        if (mine.size > 0) this.#compare(mine, merge(limit, this.#rights(branch, other)), found)
      }
    }
    return found
  }

  #rights(table: Avtab, type: number): Rights {
    const rights: Rights = new Map()
    let bySource = this.#bySource.get(table)
    if (bySource === undefined) this.#bySource.set(table, bySource = allowsBySource(table))
    if (bySource.size === 0) return rights
    for (const bit of this.#policy.typeAttributes[this.#n.typeValue[type]! - 1]!) {
      for (const i of bySource.get(bit + 1) ?? []) {
        const targets = this.#n.members(this.#symbols[table.target[i]!]!)
        this.#n.effort.visit(targets.length)
        for (const target of targets) add(rights, target * CLASSES + table.tclass[i]!, table.datum[i]!)
      }
    }
    return rights
  }

  #compare(child: Rights, parent: Rights, found: Rights): void {
    for (const [key, mask] of child) {
      const [target, tclass] = [Math.floor(key / CLASSES), key % CLASSES]
      const more = mask & ~(parent.get(this.#parentOf[target]! * CLASSES + tclass) ?? 0)
      if (more !== 0) add(found, key, more)
    }
  }
}

const allowsBySource = (table: Avtab): Map<number, number[]> => {
  const found = new Map<number, number[]>()
  for (let i = 0; i < table.length; i++) {
    if ((table.specified[i]! & AVTAB_ALLOWED) === 0) continue
    const places = found.get(table.source[i]!)
    if (places === undefined) found.set(table.source[i]!, [i])
    else places.push(i)
  }
  return found
}

/** The allow rules that give a child what it must not have. */
const blame = (n: Numbering, child: Atom, excess: Rights): Related[] => {
  const guilty: Related[] = []
  const has = (symbol: Declared): boolean => hasType(typesOf(symbol), child.value)
  const lists: RuleList[] = [n.facts.always,
    ...n.facts.booleanIfs.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]
  for (const rule of lists.flatMap(({ rules }) => rules)) {
    if (rule.kind !== 'allow' || !has(rule.source)) continue
    const { target } = rule
    const targets = typeof target !== 'string' ? n.members(target) : target === 'self' ? [child.value]
      : (target === 'other' ? n.members(rule.source) : n.facts.types.map(({ value }) => value))
        .filter((type) => type !== child.value)
    const isGuilty = n.masks.of(rule.permissions).some(({ tclass, mask }) =>
      targets.some((type) => ((excess.get(type * CLASSES + tclass.value + 1) ?? 0) & mask) !== 0))
    if (isGuilty) guilty.push({ message: `allowed by \`${n.tree.quote(rule.node)}\``, place: n.tree.place(rule.node) })
    if (guilty.length === MOST_SHOWN) break
  }
  return guilty
}
