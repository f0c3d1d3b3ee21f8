/** Conditions that a policy as a whole must meet before it is written. */
import { policycapNames } from '../../policydb/constants.ts'
import { hasBit } from '../../bits.ts'
import { CilError } from '../errors.ts'
import type { CilErrorCode } from '../errors.ts'
import type { Categories } from '../expand/categories.ts'
import type { ClassMasks } from '../expand/class-masks.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Tree } from '../parse.ts'
import type { Facts } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import type { Atom, ContextSymbol } from '../resolve/symbols.ts'

/** Policy capabilities that libsepol 3.8 knows: the first of the list. */
const CAPABILITIES_3_8 = 10

export interface PolicyChecks {
  readonly dialect: '3.8' | '3.10'
  /** Modules that are added to a policy need no rule of their own. */
  readonly needsRules: boolean
}

/** Throws CilError for the first thing that is wrong. */
export const checkPolicy = (
  tree: Tree, facts: Facts, categories: Categories, masks: ClassMasks, options: PolicyChecks,
): void => {
  const name = (symbol: Declared): string => tree.names.text(symbol.name)
  const fail = (code: CilErrorCode, message: string, node: number, hint: string | null = null): never => {
    throw new CilError(code, message, tree.place(node), { hint })
  }
  for (const user of facts.users) {
    if (user.level === null) {
      fail('missing', `user \`${name(user)}\` has no default level`, user.node, `write \`(userlevel ${name(user)} …)\``)
    }
    if (user.range === null) {
      fail('missing', `user \`${name(user)}\` has no range`, user.node, `write \`(userrange ${name(user)} …)\``)
    }
    categories.check(user.range!)
  }
  for (const range of facts.ranges) categories.check(range)
  for (const atoms of [facts.types, facts.roles, facts.users]) checkCircles(atoms, name, fail)
  checkClasses(tree, facts, masks, fail)
  const known = policycapNames.slice(0, options.dialect === '3.8' ? CAPABILITIES_3_8 : undefined)
  for (const capability of facts.policycaps) {
    if (!known.includes(capability)) {
      throw new CilError('bad-value', `there is no policy capability \`${capability}\``, null,
        { hint: didYouMean(capability, known) })
    }
  }
  if (options.needsRules && facts.always.rules.length === 0) {
    throw new CilError('missing', 'a policy has at least one access rule outside of conditions', null)
  }
  const defaults = facts.selinuxUsers.filter(({ login }) => login === null)
  if (defaults.length > 1) fail('conflict', 'selinuxuserdefault is said twice', defaults[1]!.node)
  const checkContext = (context: ContextSymbol | null): void => {
    if (context !== null) checkOneContext(context, categories, name, fail)
  }
  for (const context of facts.contexts) checkContext(context)
  for (const list of [facts.fileContexts, facts.fsUses, facts.genfs, facts.ports, facts.nodes, facts.ibPkeys,
    facts.ibEndports]) {
    for (const { context } of list) if (context !== null && context.name < 0) checkContext(context)
  }
  for (const { context, packet } of facts.netifs) {
    for (const one of [context, packet]) if (one.name < 0) checkContext(one)
  }
}

type Fail = (code: CilErrorCode, message: string, node: number, hint?: string | null) => never

const checkCircles = (atoms: readonly Atom[], name: (symbol: Declared) => string, fail: Fail): void => {
  const known = new Set<Atom>()
  for (const atom of atoms) {
    const way = new Set<Atom>()
    for (let at: Atom | null = atom; at !== null && !known.has(at); at = at.bounds) {
      if (way.has(at)) fail('circular', `${atom.flavor} \`${name(atom)}\` is bounded by itself`, atom.node)
      way.add(at)
    }
    for (const passed of way) known.add(passed)
  }
}

const checkClasses = (tree: Tree, facts: Facts, masks: ClassMasks, fail: Fail): void => {
  const name = (symbol: Declared): string => tree.names.text(symbol.name)
  for (const tclass of facts.classes) {
    const { common } = tclass
    if (common === null) continue
    for (const permission of tclass.permissions.keys()) {
      if (common.permissions.has(permission)) {
        const text = tree.names.text(permission)
        fail('redeclared', `class \`${name(tclass)}\` has permission \`${text}\` from its common as well`, tclass.node)
      }
    }
    if (tclass.count > 32) {
      fail('too-many', `class \`${name(tclass)}\` has more than 32 permissions with its common`, tclass.node)
    }
  }
  for (const map of facts.classMaps) {
    for (const entry of map.permissions.values()) {
      if (entry.mapped.length === 0) {
        fail('missing', `entry \`${tree.names.text(entry.name)}\` of class map \`${name(map)}\` stands for nothing`,
          map.node,
          `write \`(classmapping ${name(map)} ${tree.names.text(entry.name)} …)\``)
      }
      masks.named(entry)
    }
  }
  for (const named of facts.classPermissions) {
    if (named.sets.length === 0) fail('missing', `classpermission \`${name(named)}\` stands for nothing`, named.node)
    masks.named(named)
  }
  const rules = [facts.always, ...facts.booleanIfs.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]
  for (const { xperms, node } of [...facts.xperms.map((symbol) => ({ xperms: symbol, node: symbol.node })),
    ...rules.flatMap((r) => r.xpermRules)]) {
    for (const tclass of masks.classes(xperms.tclass!)) {
      if (tclass.permission(tree.names.of(xperms.kind)) === undefined) {
        fail('bad-value', `class \`${name(tclass)}\` has no permission \`${xperms.kind}\``, node)
      }
    }
  }
}

const checkOneContext = (
  context: ContextSymbol, categories: Categories, name: (symbol: Declared) => string, fail: Fail,
): void => {
  const [user, role, type, range] = [context.user!, context.role!, context.type!, context.range!]
  if (user.members === null || !hasBit(user.members, role.value)) {
    fail('bad-context', `user \`${name(user)}\` has no role \`${name(role)}\``,
      context.node, `write \`(userrole ${name(user)} ${name(role)})\``)
  }
  if (role.members === null || !hasBit(role.members, type.value)) {
    fail('bad-context', `role \`${name(role)}\` has no type \`${name(type)}\``,
      context.node, `write \`(roletype ${name(role)} ${name(type)})\``)
  }
  if (range.name < 0) categories.check(range)
  const own = user.range!
  if (range.low!.sensitivity!.value < own.low!.sensitivity!.value ||
    range.high!.sensitivity!.value > own.high!.sensitivity!.value) {
    fail('bad-context', `the range is not within that of user \`${name(user)}\``, context.node)
  }
}
