/** The recorded policy with one permission taken away: a constraint says no to it, and to nothing else. */
import {
  CEXPR_NAMES, CEXPR_NEQ, CEXPR_OR, CEXPR_TARGET, CEXPR_TYPE, Ebitmap, writePolicy,
} from '@lsmkit/selinux/policydb'
import type { ConstraintNode, Policydb } from '@lsmkit/selinux/policydb'

/** `s_t o_t file read`, as the table's column `without` names a permission. */
export interface Permission {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly perm: string
}

const value = (items: readonly { readonly name: string; readonly value: number }[], name: string): number => {
  const found = items.find((item) => item.name === name)
  if (found === undefined) throw new Error(`the policy has no \`${name}\``)
  return found.value
}

/** The type is not this one. */
const not = (attribute: number, type: number): ConstraintNode => ({
  kind: CEXPR_NAMES,
  attribute,
  operator: CEXPR_NEQ,
  names: Ebitmap.of([type - 1]),
  typeSet: { types: Ebitmap.of([type - 1]), negated: Ebitmap.empty, flags: 0 },
})

const or: ConstraintNode = { kind: CEXPR_OR, attribute: 0, operator: 0, names: null, typeSet: null }

const bitOf = (db: Policydb, tclass: string, perm: string): number => {
  const { common, permissions } = db.classes.items.find(({ name }) => name === tclass)!
  const shared = common === null ? [] : db.commons.items.find(({ name }) => name === common)!.permissions.items
  return value([...shared, ...permissions.items], perm) - 1
}

const written = new WeakMap<Policydb, Map<string, Uint8Array>>()

/** A policy that refuses exactly this. Most are asked for by several rows, and each is written once. */
export const without = (db: Policydb, permission: Permission): Uint8Array => {
  let known = written.get(db)
  if (known === undefined) written.set(db, known = new Map())
  const key = Object.values(permission).join(' ')
  let altered = known.get(key)
  if (altered === undefined) known.set(key, altered = write(db, permission))
  return altered
}

/** `db` is as it was when it comes back. */
const write = (db: Policydb, { source, target, tclass, perm }: Permission): Uint8Array => {
  const types = db.types.items
  const { constraints } = db.classes.items.find(({ name }) => name === tclass)!
  constraints.push({
    permissions: 1 << bitOf(db, tclass, perm),
    expression: [not(CEXPR_TYPE, value(types, source)), not(CEXPR_TYPE | CEXPR_TARGET, value(types, target)), or],
  })
  const altered = writePolicy(db)
  constraints.pop()
  return altered
}
