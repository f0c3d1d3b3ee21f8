/** Rules to what a module has of them. */
import { RULE_NOT_SELF, RULE_SELF } from '../../module/module.ts'
import type { ModuleRule } from '../../module/module.ts'
import { AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_IOCTLFUNCTION, AVTAB_XPERMS_NLMSG } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { AccessRule, StatementOf, TypeRule, Word, WordSet, XpermRule } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { rangeOf } from './levels.ts'
import { addTypes, built, classSet, permission, permissionMask, roleSet, typeSet } from './sets.ts'
import { noNames } from './symbols.ts'

const kinds = {
  allow: 0x1, auditallow: 0x2, auditdeny: 0x4, dontaudit: 0x8, neverallow: 0x80, type_transition: 0x10,
  type_member: 0x20, type_change: 0x40, allowxperm: 0x100, auditallowxperm: 0x200, dontauditxperm: 0x400,
  neverallowxperm: 0x800,
} as const

/** Targets may be the source itself, or, in neverallow, all but the source: `-self`, and `self` in a complement. */
const targetSet = (builder: Builder, set: WordSet, isNeverallow: boolean): Pick<ModuleRule, 'targets' | 'flags'> => {
  const into = noNames()
  let flags = 0
  addTypes(builder, into, set, isNeverallow, ({ text, at }, isOut) => {
    if (text !== 'self') return false
    if (isOut && !isNeverallow) builder.fail('bad-syntax', '`-self` stands in neverallow rules only', at)
    if (isOut && set.isComplement) builder.fail('bad-syntax', '`-self` does not stand in a complement', at)
    flags |= isOut || set.isComplement ? RULE_NOT_SELF : RULE_SELF
    if (flags === (RULE_SELF | RULE_NOT_SELF)) {
      builder.fail('bad-syntax', '`self` and `-self` exclude each other', at)
    }
    return true
  })
  return { targets: built(into), flags }
}

/** A class without permissions is left out; a rule without classes stays, as in checkmodule. */
export const accessRule = (builder: Builder, rule: AccessRule): ModuleRule => {
  const isNeverallow = rule.kind === 'neverallow'
  const sources = typeSet(builder, rule.sources, isNeverallow)
  const { targets, flags } = targetSet(builder, rule.targets, isNeverallow)
  const perms = classSet(builder, rule.classes).map((tclass) =>
    ({ tclass: tclass.value, data: permissionMask(builder, tclass, rule.permissions) }))
    .filter(({ data }) => data !== 0)
  return { specified: kinds[rule.kind], flags, sources, targets, perms, xperms: null }
}

const operations = { ioctl: AVTAB_XPERMS_IOCTLFUNCTION, nlmsg: AVTAB_XPERMS_NLMSG } as const

/** One rule for all drivers that are whole, one for each other driver. */
export const xpermRules = (builder: Builder, rule: XpermRule): ModuleRule[] => {
  const isNeverallow = rule.kind === 'neverallowxperm'
  const name = rule.operation.text
  if (name !== 'ioctl' && name !== 'nlmsg') {
    return builder.fail('bad-value', `\`${name}\` has no extended permissions`, rule.operation.at, '`ioctl` or `nlmsg`')
  }
  const parts = {
    specified: kinds[rule.kind],
    sources: typeSet(builder, rule.sources, isNeverallow),
    ...targetSet(builder, rule.targets, isNeverallow),
    perms: classSet(builder, rule.classes).map((tclass) => ({
      tclass: tclass.value,
      data: 1 << (permission(builder, tclass, rule.operation) - 1) >>> 0,
    })),
  }
  const drivers = xpermDrivers(builder, rule)
  const whole = [...drivers.keys()].filter((driver) => drivers[driver]!.every((word) => word === 0xffffffff))
  const rules: ModuleRule[] = []
  if (name === 'ioctl' && whole.length > 0) {
    const bits = Array.from({ length: 8 }, () => 0)
    for (const driver of whole) bits[driver >>> 5] = (bits[driver >>> 5]! | (1 << (driver & 31))) >>> 0
    rules.push({ ...parts, xperms: { kind: AVTAB_XPERMS_IOCTLDRIVER, driver: 0, bits } })
  }
  for (const [driver, bits] of drivers.entries()) {
    if (bits.every((word) => word === 0)) continue
    if (name === 'ioctl' && whole.includes(driver)) continue
    rules.push({ ...parts, xperms: { kind: operations[name], driver, bits } })
  }
  return rules
}

/** For each driver, 256 bits. */
const xpermDrivers = (builder: Builder, { ranges, isComplement, at }: XpermRule): number[][] => {
  const words = new Uint32Array(2048)
  for (const [low, high] of ranges) {
    if (high > 0xffff || low > high) {
      builder.fail('bad-value', `0x${low.toString(16)}-0x${high.toString(16)} is not a range of numbers`, at,
        'numbers go up to 0xffff')
    }
    for (let value = low; value <= high; value++) words[value >>> 5]! |= 1 << (value & 31)
  }
  if (isComplement) for (let i = 0; i < words.length; i++) words[i] = ~words[i]!
  return Array.from({ length: 256 }, (_, driver) => Array.from(words.subarray(driver * 8, driver * 8 + 8)))
}

export const typeRule = (builder: Builder, rule: TypeRule): ModuleRule => {
  const type = builder.find('types', rule.type)
  builder.checkFlavor(rule.type, type, 'type')
  return {
    specified: kinds[rule.kind],
    sources: typeSet(builder, rule.sources),
    ...targetSet(builder, rule.targets, false),
    perms: classSet(builder, rule.classes).reverse().map((tclass) => ({ tclass: tclass.value, data: type.value })),
    xperms: null,
  }
}

/** One for each class. */
export const nameTransition = (builder: Builder, rule: TypeRule, name: string): void => {
  const { perms, sources, targets, flags } = typeRule(builder, rule)
  for (const { tclass, data } of perms.toReversed()) {
    builder.block.nameTransitions.unshift({ name, sources, targets, tclass, type: data, flags })
  }
}

/** Of transitions without a class: that of processes. */
const classBits = (builder: Builder, set: WordSet | null, at: number): Ebitmap =>
  Ebitmap.of(set === null ? [builder.find('classes', { text: 'process', at }).value - 1]
    : classSet(builder, set).map(({ value }) => value - 1))

const MOST_ROLE_TRANSITIONS = 1_000_000

/** One for a role, type and class in a whole module: checkmodule refuses a second one even to the same role. */
const checkRoleTransition = (builder: Builder, { roles, types, classes, at }: StatementOf<'role_transition'>): void => {
  const { roleTransitions: known } = builder
  const [ofRoles, ofTypes] = [members(builder, 'roles', roles), members(builder, 'types', types)]
  const given = classes === null ? [builder.find('classes', { text: 'process', at })] : classSet(builder, classes)
  for (const tclass of given) {
    for (const role of ofRoles) {
      for (const type of ofTypes) {
        const key = `${role} ${type} ${tclass.value}`
        if (known.has(key)) {
          const of = `\`${roles.words[0]?.text}\` and \`${types.words[0]?.text}\``
          builder.fail('redeclared', `a role of ${of} has a transition for class \`${tclass.name}\` already`, at)
        }
        if (known.size >= MOST_ROLE_TRANSITIONS) {
          builder.fail('too-big', `more than ${MOST_ROLE_TRANSITIONS} role transitions`, at)
        }
        known.add(key)
      }
    }
  }
}

/** Values of a set; an attribute stands for the members that it has by now. */
const members = (builder: Builder, kind: 'roles' | 'types', { words, without }: WordSet): Set<number> => {
  const valuesOf = (word: Word): number[] => {
    const found = builder.find(kind, word)
    return found.isAttribute ? Array.from(found.members, (bit) => bit + 1) : [found.value]
  }
  const out = new Set(without.flatMap(valuesOf))
  return new Set(words.flatMap(valuesOf).filter((value) => !out.has(value)))
}

export const roleTransition = (builder: Builder, rule: StatementOf<'role_transition'>): void => {
  const role = builder.find('roles', rule.newRole)
  builder.checkFlavor(rule.newRole, role, 'role')
  checkRoleTransition(builder, rule)
  builder.block.roleTransitions.unshift({
    roles: roleSet(builder, rule.roles), types: typeSet(builder, rule.types),
    classes: classBits(builder, rule.classes, rule.at), newRole: role.value,
  })
}

export const roleAllow = (builder: Builder, { roles, newRoles }: StatementOf<'role_allow'>): void => {
  builder.block.roleAllows.unshift({ roles: roleSet(builder, roles), newRoles: roleSet(builder, newRoles) })
}

/** Without MLS there is none. */
export const rangeTransition = (builder: Builder, rule: StatementOf<'range_transition'>): void => {
  if (!builder.options.mls) return
  builder.block.rangeTransitions.unshift({
    sources: typeSet(builder, rule.sources), targets: typeSet(builder, rule.targets),
    classes: classBits(builder, rule.classes, rule.at), range: rangeOf(builder, rule.range),
  })
}
