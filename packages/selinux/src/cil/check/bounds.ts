/** typebounds, rolebounds, userbounds: a child may do no more than its parent. */
import type { Avtab } from '../../policydb/avtab.ts'
import { AVTAB_ALLOWED } from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { contains, list } from '../bits.ts'
import { CilError } from '../errors.ts'
import type { Related } from '../errors.ts'
import type { Atom, Declared } from '../resolve/symbols.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { Numbering } from '../to-policydb/numbering.ts'

const MOST_SHOWN = 4

/** Every child that exceeds its parent. */
export const checkBounds = (n: Numbering, policy: Policydb): CilError[] => {
  const errors: CilError[] = []
  for (const atoms of [n.facts.users, n.facts.roles]) {
    for (const atom of atoms) {
      const { bounds, members } = atom
      if (bounds === null || members === null) continue
      if (bounds.members === null || !contains(bounds.members, members)) errors.push(exceeds(n, atom, bounds, []))
    }
  }
  const bounded = n.facts.types.filter(({ bounds }) => bounds !== null)
  if (bounded.length > 0) {
    const checker = new TypeBounds(n, policy)
    for (const type of bounded) {
      const bad = checker.check(type)
      if (bad.length > 0) errors.push(exceeds(n, type, type.bounds!, bad))
    }
  }
  return errors
}

const exceeds = (n: Numbering, child: Atom, parent: Atom, related: readonly Related[]): CilError =>
  new CilError('bounds', `${child.flavor} \`${n.name(child)}\` may do more than \`${n.name(parent)}\`, which bounds it`,
    n.tree.place(child.node), { related })

/** What a type is allowed, by target or source type and class. */
type Rights = Map<number, number>

/** Rights of a type as source, and rights of others on it. */
interface BothRights {
  readonly as: Rights
  readonly of: Rights
  readonly size: number
}

class TypeBounds {
  private readonly n: Numbering
  private readonly policy: Policydb
  /** By value: the places of types. */
  private readonly members: number[][] = []
  /** The type that bounds each, by place; -1 of none. */
  private readonly parentOf: number[]

  constructor(n: Numbering, policy: Policydb) {
    this.n = n
    this.policy = policy
    for (const symbol of n.facts.typeOrder) {
      const value = n.type(symbol)
      if (value > 0) this.members[value] = symbol instanceof Attribute ? list(symbol.bits!) : [symbol.value]
    }
    this.parentOf = n.facts.types.map(({ bounds }) => bounds === null ? -1 : bounds.value)
  }

  /** What the child may do that its parent may not: one sentence each. */
  check(child: Atom): Related[] {
    const [own, other] = [child.value, child.bounds!.value]
    const bad: string[] = []
    const always = this.policy.avtab
    let limit = this.rights(always, other)
    // What both branches of a condition allow the parent always holds for it; one branch adds to it while it counts.
    for (const { whenTrue, whenFalse } of this.policy.conditionals) {
      const [yes, no] = [this.rights(whenTrue, other), this.rights(whenFalse, other)]
      if (yes.size > 0 && no.size > 0) limit = merge(limit, common(yes, no))
    }
    this.compare(this.rights(always, own), limit, bad)
    for (const { whenTrue, whenFalse } of this.policy.conditionals) {
      for (const branch of [whenTrue, whenFalse]) {
        const mine = this.rights(branch, own)
        if (mine.size > 0) this.compare(mine, merge(limit, this.rights(branch, other)), bad)
      }
    }
    const place = this.n.tree.place(child.node)
    return bad.slice(0, MOST_SHOWN).map((message) => ({ message, place }))
  }

  /**
   * Rights of a type as source and as target. As libsepol, a target of a source's right counts as its own parent too;
   * a right on itself is one on whatever stands for it above.
   */
  private rights(table: Avtab, type: number): BothRights {
    const [as, of]: [Rights, Rights] = [new Map(), new Map()]
    for (let i = 0; i < table.length; i++) {
      if ((table.specified[i]! & AVTAB_ALLOWED) === 0) continue
      const [sources, targets] = [this.members[table.source[i]!]!, this.members[table.target[i]!]!]
      const [tclass, mask] = [table.tclass[i]!, table.datum[i]!]
      if (sources.includes(type)) for (const target of targets) add(as, target * 0x10000 + tclass, mask)
      if (targets.includes(type)) for (const source of sources) add(of, source * 0x10000 + tclass, mask)
    }
    return { as, of, size: as.size + of.size }
  }

  private compare(child: BothRights, parent: BothRights, bad: string[]): void {
    for (const [key, mask] of child.as) {
      const [target, tclass] = [Math.floor(key / 0x10000), key % 0x10000]
      const bound = this.parentOf[target]!
      const allowed = parent.as.get((bound < 0 ? target : bound) * 0x10000 + tclass) ?? 0
      if ((mask & ~allowed) !== 0) bad.push(`on ${this.describe(target, tclass, mask & ~allowed)}`)
    }
    for (const [key, mask] of child.of) {
      const [source, tclass] = [Math.floor(key / 0x10000), key % 0x10000]
      if (this.parentOf[source]! >= 0) continue
      const allowed = parent.of.get(key) ?? 0
      if ((mask & ~allowed) !== 0) bad.push(`by ${this.describe(source, tclass, mask & ~allowed)}`)
    }
  }

  private describe(type: number, tclass: number, mask: number): string {
    const symbol = this.n.classOrder[tclass - 1] as Declared
    return `\`${this.n.name(this.n.facts.types[type]!)}\`, class \`${this.n.name(symbol)}\`, mask 0x${(mask >>> 0).toString(16)}`
  }
}

const add = (rights: Rights, key: number, mask: number): void => void rights.set(key, (rights.get(key) ?? 0) | mask)

const merge = (a: BothRights, b: BothRights): BothRights => {
  const [as, of] = [new Map(a.as), new Map(a.of)]
  for (const [key, mask] of b.as) add(as, key, mask)
  for (const [key, mask] of b.of) add(of, key, mask)
  return { as, of, size: as.size + of.size }
}

const common = (a: BothRights, b: BothRights): BothRights => {
  const shared = (x: Rights, y: Rights): Rights => new Map([...x].map(([key, mask]) => [key, mask & (y.get(key) ?? 0)]))
  const [as, of] = [shared(a.as, b.as), shared(a.of, b.of)]
  return { as, of, size: as.size + of.size }
}
