/** Rules of access and of types, and those under conditions. */
import * as policydb from '../../policydb/constants.ts'
import { PolicyError } from '../../policydb/errors.ts'
import type { ModuleConditional, ModuleRule } from '../module.ts'
import { ruleEnds } from './ends.ts'
import { joined } from './text.ts'
import type { CilWriter } from './writer.ts'

/** Kinds of rules in modules: those of the kernel, with dontaudit and neverallow as they were written. */
const keywords: Readonly<Record<number, string>> = {
  0x1: 'allow', 0x2: 'auditallow', 0x8: 'dontaudit', 0x80: 'neverallow', 0x10: 'typetransition', 0x20: 'typemember',
  0x40: 'typechange', 0x100: 'allowx', 0x200: 'auditallowx', 0x400: 'dontauditx', 0x800: 'neverallowx',
}

const conditionals: Readonly<Record<number, string>> = {
  [policydb.COND_OR]: 'or', [policydb.COND_AND]: 'and', [policydb.COND_XOR]: 'xor', [policydb.COND_EQ]: 'eq',
  [policydb.COND_NEQ]: 'neq',
}

/** A rule for every pair of names and every class. */
export const ruleLines = (out: CilWriter, rule: ModuleRule): string[] => {
  const { specified, perms, xperms } = rule
  const keyword = keywords[specified]
  if (keyword === undefined) throw new PolicyError('bad-value', `a rule of kind ${specified}`)
  return ruleEnds(out, rule).flatMap((pair) => perms.map(({ tclass, data }) => {
    const name = out.nameOf('classes', tclass)
    if (keyword.startsWith('type')) return `(${keyword} ${pair} ${name} ${out.nameOf('types', data)})`
    if (xperms !== null) return `(${keyword} ${pair} (${xpermText(xperms, name)}))`
    return `(${keyword} ${pair} (${name} ${out.perms(tclass, data)}))`
  }))
}

/** A condition, from postfix. */
export const conditionText = (out: CilWriter, expression: ModuleConditional['expression']): string => {
  const stack: string[] = []
  for (const { kind, bool } of expression) {
    if (kind === policydb.COND_BOOL) stack.push(out.nameOf('booleans', bool))
    else if (kind === policydb.COND_NOT) stack.push(`(not ${stack.pop()})`)
    else {
      const right = stack.pop()
      stack.push(`(${conditionals[kind]} ${stack.pop()} ${right})`)
    }
  }
  const condition = stack.pop()
  if (condition === undefined) throw new PolicyError('bad-expression', 'a condition says nothing')
  return condition
}

export const writeConditional = (
  out: CilWriter, { expression, whenTrue, whenFalse, isTunable }: ModuleConditional,
): void => {
  const condition = conditionText(out, expression)
  // Attributes that rules ask for stand in front: none may be declared under a condition.
  const branches = [['true', whenTrue], ['false', whenFalse]] as const
  const told = branches.map(([name, rules]) => [name, rules.flatMap((rule) => ruleLines(out, rule))] as const)
    .filter(([, lines]) => lines.length > 0)
  if (told.length === 0) return
  out.say(`(${isTunable ? 'tunableif' : 'booleanif'} ${condition}`)
  for (const [name, lines] of told) {
    out.say(`  (${name}`)
    for (const line of lines) out.say(`    ${line}`)
    out.say('  )')
  }
  out.say(')')
}

export const xpermText = ({ kind, driver, bits }: NonNullable<ModuleRule['xperms']>, tclass: string): string => {
  const set = Array.from({ length: 256 }, (_, bit) => bit).filter((bit) => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0)
  const number = (value: number): string => `0x${value.toString(16)}`
  const numbers = set.map((bit) => (kind === policydb.AVTAB_XPERMS_IOCTLDRIVER
    ? `(range ${number(bit * 256)} ${number(bit * 256 + 255)})` : number(driver * 256 + bit)))
  return `${kind === policydb.AVTAB_XPERMS_NLMSG ? 'nlmsg' : 'ioctl'} ${tclass} ${joined(numbers)}`
}
