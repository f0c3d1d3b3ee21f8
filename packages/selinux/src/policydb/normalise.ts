/**
 * A policy as sorted lines of names: equal for two files exactly when they say the same, however their symbols are
 * numbered, their rules ordered, or a compiler's own attributes called.
 */
import { checkOptions, instanceOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Avtab } from './avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_CHANGE, AVTAB_ENABLED, AVTAB_MEMBER, AVTAB_TRANSITION,
  AVTAB_XPERMS, AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_DONTAUDIT, CEXPR_NAMES, CEXPR_ROLE,
  CEXPR_USER, TYPE_ATTRIBUTE, policycapNames,
} from './constants.ts'
import { conditionalGuard } from './conditional-guard.ts'
import { membersOf, PolicyNames } from './names.ts'
import type { Constraint, Node, Policydb } from './policydb.ts'

export interface NormaliseOptions {
  /** Attributes that a compiler made up: they are called by their members. By default those of secilc. */
  readonly generated?: RegExp
}

const optionRules: OptionRules<NormaliseOptions> = { generated: instanceOf(RegExp) }

const kinds: Readonly<Record<number, string>> = {
  [AVTAB_ALLOWED]: 'allow',
  [AVTAB_AUDITALLOW]: 'auditallow',
  [AVTAB_AUDITDENY]: 'dontaudit',
  [AVTAB_TRANSITION]: 'type_transition',
  [AVTAB_MEMBER]: 'type_member',
  [AVTAB_CHANGE]: 'type_change',
  [AVTAB_XPERMS_ALLOWED]: 'allowxperm',
  [AVTAB_XPERMS_AUDITALLOW]: 'auditallowxperm',
  [AVTAB_XPERMS_DONTAUDIT]: 'dontauditxperm',
}

/** A 53-bit hash of a text: two multiplicative halves. */
const hash = (text: string): string => {
  let [a, b] = [0x9e3779b9, 0x85ebca6b]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x5bd1e995)
    b = Math.imul(b ^ code, 0x1b873593)
    a ^= a >>> 15
    b ^= b >>> 13
  }
  return (2097152 * (b >>> 0) + ((a >>> 0) >>> 11)).toString(36)
}

/**
 * Type names by value, those of generated and of nameless attributes by their members; and a line for each of these.
 */
const typeNames = (policy: Policydb, names: PolicyNames, generated: RegExp, lines: string[]): string[] => {
  const called: string[] = []
  const members = membersOf(policy)
  for (const { name, value, properties } of policy.types.items) {
    if ((properties & TYPE_ATTRIBUTE) === 0 ? properties !== 0 : !generated.test(name)) called[value] = name
  }
  for (let value = 1; value <= policy.types.nprim; value++) {
    if (called[value] !== undefined) continue
    const list = (members.get(value) ?? []).map((type) => names.types[type]!).sort().join(' ')
    called[value] = `@${hash(list)}`
    if (members.has(value)) lines.push(`generated ${called[value]} { ${list} }`)
  }
  return called
}

const constraintText = ({ expression }: Constraint, names: PolicyNames): string => {
  const nodes = expression.map(({ kind, attribute, operator, names: set }) => {
    if (kind !== CEXPR_NAMES) return `${kind}.${attribute}.${operator}`
    const table = attribute & CEXPR_USER ? names.users : attribute & CEXPR_ROLE ? names.roles : names.types
    const members = [...set!].map((bit) => table[bit + 1] ?? `#${bit + 1}`).sort()
    return `${attribute}.${operator}{${members.join(' ')}}`
  })
  return nodes.join(' ')
}

const symbolLines = (policy: Policydb, names: PolicyNames, types: readonly string[], lines: string[]): void => {
  for (const { name, permissions } of policy.commons.items) {
    lines.push(`common ${name} { ${permissions.items.map((p) => p.name).sort().join(' ')} }`)
  }
  for (const item of policy.classes.items) {
    const own = item.permissions.items.map((p) => p.name).sort().join(' ')
    const defaults = [item.defaultUser, item.defaultRole, item.defaultType, item.defaultRange].join(' ')
    lines.push(`class ${item.name} ${item.common ?? '-'} { ${own} } defaults ${defaults}`)
    for (const constraint of item.constraints) {
      const permissions = names.permissionsOf(item.value, constraint.permissions).sort().join(' ')
      lines.push(`constrain ${item.name} { ${permissions} } ${constraintText(constraint, names)}`)
    }
    for (const constraint of item.validatetrans) {
      lines.push(`validatetrans ${item.name} ${constraintText(constraint, names)}`)
    }
  }
  for (const { name, bounds, dominates, types: members } of policy.roles.items) {
    const dominated = [...dominates].map((bit) => names.roles[bit + 1]!).sort().join(' ')
    lines.push(`role ${name} bounds ${names.roles[bounds] ?? '-'} dominates { ${dominated} }`)
    members.forEach((bit) => void lines.push(`role ${name} types ${types[bit + 1] ?? `#${bit + 1}`}`))
  }
  for (const { name, value, properties, bounds } of policy.types.items) {
    if (properties === 0) lines.push(`typealias ${names.types[value]} ${name}`)
    else if (properties & TYPE_ATTRIBUTE) {
      if (types[value] === name) lines.push(`attribute ${name}`)
    } else lines.push(`type ${name} bounds ${names.types[bounds] ?? '-'}`)
  }
  for (const [i, attributes] of policy.typeAttributes.entries()) {
    attributes.forEach((bit) => void (bit !== i && lines.push(`typeattribute ${types[i + 1]} ${types[bit + 1]}`)))
  }
  for (const { name, roles, range, defaultLevel, bounds } of policy.users.items) {
    const own = [...roles].map((bit) => names.roles[bit + 1]!).sort().join(' ')
    const mls = policy.mls ? ` ${names.range(range)} ${names.level(defaultLevel)}` : ''
    lines.push(`user ${name} bounds ${names.users[bounds] ?? '-'} { ${own} }${mls}`)
  }
  for (const { name, state } of policy.booleans.items) lines.push(`bool ${name} ${state}`)
  for (const { name, isAlias, level } of policy.sensitivities.items) {
    lines.push(isAlias ? `sensitivityalias ${name} ${names.sensitivities[level.sens]}` : `level ${names.level(level)}`)
  }
  for (const { name, value, isAlias } of policy.categories.items) {
    if (isAlias) lines.push(`categoryalias ${name} ${names.categories[value]}`)
  }
  lines.push(`dominance ${names.sensitivities.filter(Boolean).join(' ')}`)
  lines.push(`categories ${names.categories.filter(Boolean).join(' ')}`)
}

/** Rules of one guard: masks of the same rule are joined. */
const ruleLines = (
  rules: Avtab, guard: string, names: PolicyNames, types: readonly string[], masks: Map<string, Mask>,
): void => {
  for (let i = 0; i < rules.length; i++) {
    const kind = rules.specified[i]! & ~AVTAB_ENABLED
    const [tclass, datum] = [rules.tclass[i]!, rules.datum[i]!]
    const head = `${guard}${kinds[kind]} ${types[rules.source[i]!]} ${types[rules.target[i]!]} ${names.classes[tclass]}`
    const xperms = rules.xpermsOf(i)
    if (xperms !== null) {
      const key = `${head} ${xperms.kind} 0x${xperms.driver.toString(16)}`
      const known = masks.get(key)
      if (known === undefined) masks.set(key, { kind, tclass, mask: 0, xperms: Uint32Array.from(xperms.bits) })
      else for (const [at, word] of xperms.bits.entries()) known.xperms![at]! |= word
    } else if (kind & (AVTAB_TRANSITION | AVTAB_MEMBER | AVTAB_CHANGE)) {
      masks.set(`${head} ${types[datum]}`, { kind, tclass, mask: 0, xperms: null })
    } else {
      const mask = kind === AVTAB_AUDITDENY ? ~datum : datum
      const known = masks.get(head)
      if (known === undefined) masks.set(head, { kind, tclass, mask, xperms: null })
      else known.mask |= mask
    }
  }
}

interface Mask {
  readonly kind: number
  readonly tclass: number
  mask: number
  readonly xperms: Uint32Array | null
}

const maskText = ({ kind, tclass, mask, xperms }: Mask, names: PolicyNames): string => {
  if (xperms !== null) return ` ${Array.from(xperms, (word) => word.toString(16)).join('.')}`
  if ((kind & (AVTAB_ALLOWED | AVTAB_AUDITALLOW | AVTAB_AUDITDENY | AVTAB_XPERMS)) === 0) return ''
  return ` { ${names.permissionsOf(tclass, mask).sort().join(' ')} }`
}

const transitionLines = (policy: Policydb, names: PolicyNames, types: readonly string[], lines: string[]): void => {
  for (const { role, type, tclass, newRole } of policy.roleTransitions) {
    lines.push(`role_transition ${names.roles[role]} ${types[type]} ${names.classes[tclass]} ${names.roles[newRole]}`)
  }
  for (const { role, newRole } of policy.roleAllows) lines.push(`allow ${names.roles[role]} ${names.roles[newRole]}`)
  for (const { name, target, tclass, results } of policy.filenameTransitions) {
    for (const { sources, type } of results) {
      const rest = `${types[target]} ${names.classes[tclass]} ${JSON.stringify(name)} ${types[type]}`
      sources.forEach((bit) => void lines.push(`type_transition ${types[bit + 1]} ${rest}`))
    }
  }
  for (const { source, target, tclass, range } of policy.rangeTransitions) {
    const text = policy.mls ? names.range(range) : '-'
    lines.push(`range_transition ${types[source]} ${types[target]} ${names.classes[tclass]} ${text}`)
  }
}

const contextLines = (policy: Policydb, names: PolicyNames, lines: string[]): void => {
  const text = names.context.bind(names)
  const node = ({ address, mask, context }: Node) => lines.push(`nodecon ${address} ${mask} ${text(context)}`)
  for (const { sid, context } of policy.initialSids) lines.push(`sid ${sid} ${text(context)}`)
  for (const { name, fs, file } of policy.fsContexts) lines.push(`fscon ${name} ${text(fs)} ${text(file)}`)
  for (const { protocol, low, high, context } of policy.ports) {
    lines.push(`portcon ${protocol} ${low}-${high} ${text(context)}`)
  }
  for (const { name, interface: own, packet } of policy.netifs) {
    lines.push(`netifcon ${name} ${text(own)} ${text(packet)}`)
  }
  for (const item of [...policy.nodes, ...policy.nodes6]) node(item)
  for (const { behavior, name, context } of policy.fsUses) lines.push(`fs_use ${behavior} ${name} ${text(context)}`)
  for (const { subnetPrefix, low, high, context } of policy.ibPkeys) {
    lines.push(`ibpkeycon ${subnetPrefix} ${low}-${high} ${text(context)}`)
  }
  for (const { name, port, context } of policy.ibEndports) lines.push(`ibendportcon ${name} ${port} ${text(context)}`)
  for (const { fstype, paths } of policy.genfs) {
    for (const { path, tclass, context } of paths) {
      lines.push(`genfscon ${fstype} ${path} ${names.classes[tclass] ?? '-'} ${text(context)}`)
    }
  }
}

/** The lines, sorted; a line that is there twice is meant twice only for constraints. */
export const normalisePolicy = (policy: Policydb, options: NormaliseOptions = {}): string[] => {
  checkOptions(options, optionRules, 'normalisePolicy')
  const { generated = /^(base_typeattr|deny_rule_attr)_\d+$/ } = options
  const names = new PolicyNames(policy)
  const unknown = policy.rejectUnknown ? 'reject' : policy.allowUnknown ? 'allow' : 'deny'
  const lines = [`version ${policy.version}`, `mls ${policy.mls}`, `handle_unknown ${unknown}`]
  const types = typeNames(policy, names, generated, lines)
  policy.policycaps.forEach((bit) => void lines.push(`policycap ${policycapNames[bit] ?? bit}`))
  policy.permissive.forEach((type) => void lines.push(`permissive ${types[type]}`))
  policy.neveraudit.forEach((type) => void lines.push(`neveraudit ${types[type]}`))
  symbolLines(policy, names, types, lines)
  const masks = new Map<string, Mask>()
  ruleLines(policy.avtab, '', names, types, masks)
  for (const { expression, whenTrue, whenFalse } of policy.conditionals) {
    ruleLines(whenTrue, conditionalGuard(expression, names.booleans, true), names, types, masks)
    ruleLines(whenFalse, conditionalGuard(expression, names.booleans, false), names, types, masks)
  }
  for (const [head, mask] of masks) lines.push(head + maskText(mask, names))
  transitionLines(policy, names, types, lines)
  contextLines(policy, names, lines)
  return lines.sort()
}

/** Lines that are in one list of sorted lines and not in the other, repeats counted. */
export const differingLines = (
  a: readonly string[], b: readonly string[],
): { readonly onlyA: string[]; readonly onlyB: string[] } => {
  const onlyA: string[] = []
  const onlyB: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (j === b.length || (i < a.length && a[i]! < b[j]!)) onlyA.push(a[i++]!)
    else if (i === a.length || b[j]! < a[i]!) onlyB.push(b[j++]!)
    else {
      i++
      j++
    }
  }
  return { onlyA, onlyB }
}
