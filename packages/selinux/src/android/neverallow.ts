/** Neverallow rules in the syntax of policy.conf, as the lists of CTS have them, checked against a binary policy. */
import { allBits, bitsFor, difference, hasBit, intersection, isNone, list, union } from '../bits.ts'
import type { Bits } from '../bits.ts'
import { AVTAB_ALLOWED, AVTAB_ENABLED } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { PolicyView } from '../query/view.ts'
import { AllowedXperms } from './allowed-xperms.ts'
import type { Numbers } from './allowed-xperms.ts'
import { AndroidError } from './errors.ts'

export interface NeverallowRule {
  readonly line: number
  readonly text: string
  readonly source: SetText
  readonly target: SetText
  readonly classes: SetText
  readonly permissions: SetText
  /** Numbers of a `neverallowxperm`; null of a `neverallow`. */
  readonly xperms: Numbers | null
}

/** `{ a b -c }`, `~{ a }`, `*`; `self` may stand in a target. */
export interface SetText {
  readonly isComplement: boolean
  readonly isAll: boolean
  readonly names: readonly string[]
  readonly excluded: readonly string[]
}

const TOKEN = /[{}:;~*]|-?[A-Za-z_][\w.]*|0x[\da-f]+|\d+|-/giy
const MOST_RULES = 100_000

interface Token {
  readonly text: string
  readonly line: number
}

const tokensOf = (text: string, file: string): Token[] => {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length;) {
    const char = text[at]!
    if (char === '\n') line++
    if (/\s/.test(char)) at++
    else if (char === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
    else {
      TOKEN.lastIndex = at
      const found = TOKEN.exec(text)?.[0]
      if (found === undefined) throw new AndroidError('bad-rule', `\`${char}\` does not belong there`,
        `${file}:${line}`)
      tokens.push({ text: found, line })
      at += found.length
    }
  }
  return tokens
}

/** Reads the sets of one rule. */
class RuleReader {
  #at = 0
  readonly #tokens: readonly Token[]
  readonly #file: string

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens
    this.#file = file
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length
  }

  next(): Token {
    const token = this.#tokens[this.#at++]
    if (token !== undefined) return token
    throw new AndroidError('bad-rule', 'the rule does not end', `${this.#file}:${this.#tokens.at(-1)?.line ?? 1}`)
  }

  expect(text: string): void {
    const token = this.next()
    if (token.text === text) return
    throw new AndroidError('bad-rule', `\`${token.text}\` stands where \`${text}\` should`,
      `${this.#file}:${token.line}`)
  }

  set(): SetText {
    let token = this.next()
    const isComplement = token.text === '~'
    if (isComplement) token = this.next()
    if (token.text === '*') return { isComplement, isAll: true, names: [], excluded: [] }
    if (token.text !== '{') return this.#collect([token], isComplement)
    const inside: Token[] = []
    let depth = 1
    for (token = this.next(); ; token = this.next()) {
      if (token.text === '{') depth++
      else if (token.text === '}' && --depth === 0) break
      else if (token.text !== '}') inside.push(token)
    }
    return this.#collect(inside, isComplement)
  }

  /** `0x8900`, `{ 0x8900-0x8905 0x8910 }`, `~{ … }`. */
  numbers(): Numbers {
    let token = this.next()
    const isComplement = token.text === '~'
    if (isComplement) token = this.next()
    const isList = token.text === '{'
    if (isList) token = this.next()
    const ranges: [number, number][] = []
    for (;; token = this.next()) {
      if (isList && token.text === '}') return { ranges, isComplement }
      const last = ranges.at(-1)
      if (isList && token.text === '-' && last !== undefined) last[1] = this.#number(this.next())
      else ranges.push([this.#number(token), this.#number(token)])
      if (!isList) return { ranges, isComplement }
    }
  }

  #number({ text, line }: Token): number {
    const value = /^(?:0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN
    if (value <= 0xffff) return value
    throw new AndroidError('bad-rule', `\`${text}\` is not a number of 16 bits`, `${this.#file}:${line}`)
  }

  #collect(tokens: readonly Token[], isComplement: boolean): SetText {
    const [names, excluded]: [string[], string[]] = [[], []]
    let isAll = false
    for (let i = 0; i < tokens.length; i++) {
      const { text, line } = tokens[i]!
      if (text === '*') isAll = true
      else if (text === '-') excluded.push(tokens[++i]?.text ?? '')
      else if (text.startsWith('-')) excluded.push(text.slice(1))
      else if (/^\w/.test(text)) names.push(text)
      else throw new AndroidError('bad-rule', `\`${text}\` does not belong into a set`, `${this.#file}:${line}`)
    }
    return { isComplement, isAll, names, excluded }
  }
}

/** The neverallow rules of a text; all other statements are passed over. Throws AndroidError for a rule. */
export const parseNeverallows = (text: string, file = 'neverallow'): NeverallowRule[] => {
  const rules: NeverallowRule[] = []
  const pattern = /(?:^|[;}\s])(neverallow(?:xperm)?\s[^;]*;)/g
  const plain = text.replace(/#[^\n]*/g, '')
  let [line, counted] = [1, 0]
  for (let found = pattern.exec(plain); found !== null; found = pattern.exec(plain)) {
    const start = found.index + found[0].length - found[1]!.length
    for (; counted < start; counted++) if (plain[counted] === '\n') line++
    if (rules.length >= MOST_RULES) throw new AndroidError('too-many', `more than ${MOST_RULES} rules`, file)
    rules.push(ruleOf(found[1]!, line, file))
    pattern.lastIndex = found.index + found[0].length - 1
  }
  return rules
}

const ruleOf = (text: string, line: number, file: string): NeverallowRule => {
  const reader = new RuleReader(tokensOf(text, file).map((token) => ({ ...token, line: token.line + line - 1 })), file)
  const isExtended = reader.next().text === 'neverallowxperm'
  const [source, target] = [reader.set(), reader.set()]
  reader.expect(':')
  const [classes, permissions] = [reader.set(), reader.set()]
  const xperms = isExtended ? reader.numbers() : null
  reader.expect(';')
  return { line, text: text.replace(/\s+/g, ' '), source, target, classes, permissions, xperms }
}

export interface Violation {
  readonly rule: NeverallowRule
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
}

export interface NeverallowReport {
  readonly checked: number
  readonly violations: readonly Violation[]
  /** Names of the rules that the policy does not have; they stand for nothing. */
  readonly unknown: readonly string[]
}

const SELF = 'self'

/** A policy, asked about rules. */
class Checker {
  readonly unknown = new Set<string>()
  readonly #view: PolicyView
  readonly #every: Bits
  readonly #xperms: AllowedXperms

  constructor(policy: Policydb) {
    this.#view = new PolicyView(policy)
    this.#xperms = new AllowedXperms(this.#view)
    this.#every = bitsFor(policy.types.nprim + 1)
    for (const { value } of policy.types.items) {
      if (!this.#view.isAttribute(value)) this.#every = union(this.#every, this.#view.members(value))
    }
  }

  check(rule: NeverallowRule): Violation[] {
    const sources = this.#types(rule.source)
    const targets = this.#types(rule.target)
    const hasSelf = rule.target.names.includes(SELF)
    const masks = this.#masks(rule)
    if (isNone(sources) || masks.size === 0) return []
    const { avtab, conditionals } = this.#view.policy
    return [avtab, ...conditionals.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]
      .flatMap((table) => this.#inTable(rule, table, sources, targets, hasSelf, masks))
  }

  #inTable(
    rule: NeverallowRule, table: Avtab, sources: Bits, targets: Bits, hasSelf: boolean, masks: ReadonlyMap<number,
      number>,
  ): Violation[] {
    const found: Violation[] = []
    for (let i = 0; i < table.length; i++) {
      const mask = (masks.get(table.tclass[i]!) ?? 0) & table.datum[i]!
      if (mask === 0 || (table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_ALLOWED) continue
      const from = intersection(this.#view.members(table.source[i]!), sources)
      if (isNone(from)) continue
      const to = this.#view.members(table.target[i]!)
      for (const source of list(from)) {
        const hit = list(intersection(to, targets))
        if (hasSelf && hasBit(to, source) && !hit.includes(source)) hit.push(source)
        for (const target of hit) {
          const one = this.#violation(rule, source, target, table.tclass[i]!, mask)
          if (one !== null) found.push(one)
        }
      }
    }
    return found
  }

  /** Null where the numbers that are allowed are none of those of the rule. */
  #violation(
    rule: NeverallowRule, source: number, target: number, tclass: number, mask: number,
  ): Violation | null {
    const { names } = this.#view
    const asked = names.permissionsOf(tclass, mask)
    const permissions = rule.xperms === null ? asked
      : asked.flatMap((name) => this.#xperms.forbidden({ source, target, tclass, name }, rule.xperms!))
    return permissions.length === 0 ? null : {
      rule, source: names.types[source] ?? `#${source}`, target: names.types[target] ?? `#${target}`,
      tclass: names.classes[tclass] ?? `#${tclass}`, permissions,
    }
  }

  #known(name: string, isThere: boolean): boolean {
    if (!isThere && name !== SELF) this.unknown.add(name)
    return isThere
  }

  #types({ isComplement, isAll, names, excluded }: SetText): Bits {
    const of = (some: readonly string[]): Bits => some.filter((name) => this.#known(name, this.#view.hasType(name)))
      .reduce((all, name) => union(all, this.#view.members(this.#view.type(name))), bitsFor(this.#every.length * 32))
    const chosen = isAll ? this.#every : of(names)
    const named = difference(chosen, of(excluded))
    return isComplement ? difference(this.#every, named) : named
  }

  /** By class: the permissions that count. */
  #masks({ classes, permissions }: NeverallowRule): Map<number, number> {
    const masks = new Map<number, number>()
    for (const name of this.#classNames(classes)) {
      const tclass = this.#view.tclass(name)
      const known = this.#view.names.permissions[tclass] ?? []
      const bits = (some: readonly string[]): number => some.reduce((mask, permission) => {
        const bit = known.indexOf(permission)
        return this.#known(permission, bit >= 0) ? mask | (1 << bit) : mask
      }, 0)
      const every = allBits(known.length)[0] ?? 0
      const named = (permissions.isAll ? every : bits(permissions.names)) & ~bits(permissions.excluded)
      const mask = permissions.isComplement ? every & ~named : named
      if (mask !== 0) masks.set(tclass, mask)
    }
    return masks
  }

  #classNames({ isAll, isComplement, names, excluded }: SetText): string[] {
    const every = this.#view.policy.classes.items.map(({ name }) => name)
    const known = names.filter((name) => this.#known(name, this.#view.hasClass(name)))
    const named = (isAll ? every : known).filter((name) => !excluded.includes(name))
    return isComplement ? every.filter((name) => !named.includes(name)) : named
  }
}

/** Checks every rule; names that the policy does not have are in `unknown`. */
export const checkNeverallows = (policy: Policydb, rules: readonly NeverallowRule[]): NeverallowReport => {
  const checker = new Checker(policy)
  const violations = rules.flatMap((rule) => checker.check(rule))
  return { checked: rules.length, violations, unknown: [...checker.unknown].sort() }
}
