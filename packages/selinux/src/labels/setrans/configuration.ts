/** setrans.conf(5): names of levels, and words for groups of categories. */
import { LabelsError } from '../errors.ts'
import { countOf, parseCategories, parseLevel } from './categories.ts'
import type { PlainLevel } from './categories.ts'

/** A word of a group: the categories it sets, and those that it takes from the group's default. */
export interface Word {
  readonly text: string
  readonly cats: bigint
  readonly normal: bigint
  readonly inverse: bigint
}

export interface WordGroup {
  readonly name: string
  whitespace: string
  join: string
  readonly prefixes: string[]
  readonly suffixes: string[]
  readonly words: Word[]
  defaults: bigint
}

export interface BaseLevel {
  readonly text: string
  readonly level: PlainLevel
}

export interface Domain {
  readonly name: string
  /** Both ways, the first one said. */
  readonly rawToText: Map<string, string>
  readonly textToRaw: Map<string, string>
  readonly bases: BaseLevel[]
  readonly groups: WordGroup[]
}

/** A level that a rule forbids: categories with a sensitivity (`s1!c5`) or with other categories (`c1!c2`, `c1>c2`). */
export type Constraint =
  | { readonly kind: 'sensitivity'; readonly sens: number; readonly cats: bigint }
  | { readonly kind: 'categories'; readonly mask: bigint; readonly cats: bigint; readonly isNeeded: boolean }

export interface IncludedText {
  readonly name: string
  readonly text: string
}

const DEEPEST_INCLUDE = 16

export const remember = (domain: Domain, raw: string, text: string): void => {
  if (!domain.rawToText.has(raw)) domain.rawToText.set(raw, text)
  if (!domain.textToRaw.has(text)) domain.textToRaw.set(text, raw)
}

export class Configuration {
  readonly domains: Domain[] = []
  readonly constraints: Constraint[] = []
  /** One more than the highest category that was named. */
  width = 0
  #group: WordGroup | null = null
  #isBase = false
  readonly #include: (pattern: string) => readonly IncludedText[]

  constructor(include: (pattern: string) => readonly IncludedText[]) {
    this.#include = include
  }

  /** Throws LabelsError for a line. */
  read(text: string, file: string, depth = 0): void {
    if (depth > DEEPEST_INCLUDE) throw new LabelsError('too-many', 'files include one another too deeply', file)
    for (const [i, line] of text.split('\n').entries()) {
      const content = line.replace(/#.*/s, '').trim()
      if (content !== '') this.#line(content, `${file}:${i + 1}`, depth)
    }
  }

  /** Categories that a question names count too. */
  widen(cats: bigint): void {
    this.width = Math.max(this.width, cats === 0n ? 0 : cats.toString(2).length)
  }

  #line(content: string, place: string, depth: number): void {
    const [, key = '', sign = '', value = ''] = /^([^=!>]*?)\s*([=!>])\s*(.*)$/s.exec(content) ?? []
    if (key === '' || value === '') throw new LabelsError('bad-line', `\`${content}\` is not a line`, place,
      'LEVEL=NAME')
    if (sign !== '=') this.constraints.push(this.#constraint(key, sign, value, place))
    else if (key === 'Domain') {
      this.#open(value)
    } else {
      if (this.domains.length === 0) this.#open('Default')
      if (key === 'Include') {
        for (const { name, text } of this.#include(value)) this.read(text, name, depth + 1)
      } else if (key === 'Base') this.#isBase = true
      else if (key === 'ModifierGroup') this.#openGroup(value)
      else this.#setting(key, value, place)
    }
  }

  get #domain(): Domain {
    return this.domains.at(-1)!
  }

  #open(name: string): void {
    this.domains.push({ name, rawToText: new Map(), textToRaw: new Map(), bases: [], groups: [] })
    this.#group = null
  }

  #openGroup(name: string): void {
    this.#group = { name, whitespace: ' ', join: ' ', prefixes: [], suffixes: [], words: [], defaults: 0n }
    this.#domain.groups.push(this.#group)
    this.#isBase = false
  }

  #setting(key: string, value: string, place: string): void {
    const group = this.#group
    if (GROUP_SETTINGS.has(key) && group === null) {
      throw new LabelsError('bad-line', `\`${key}\` stands before any ModifierGroup`, place)
    }
    if (group === null) this.#level(key, value, place)
    else if (key === 'Whitespace') group.whitespace = value
    else if (key === 'Join') group.join = value
    else if (key === 'Prefix') group.prefixes.push(value)
    else if (key === 'Suffix') group.suffixes.push(value)
    else if (key === 'Default') group.defaults = this.#categories(value, 0n, place)
    else this.#word(group, key, value, place)
  }

  #level(raw: string, text: string, place: string): void {
    if (this.#isBase) {
      const level = parseLevel(raw)
      if (level === null) throw new LabelsError('bad-line', `\`${raw}\` is not a level`, place, 's0, or s0:c0.c5,c9')
      this.widen(level.cats)
      this.#domain.bases.push({ text, level })
    }
    remember(this.#domain, raw, text)
  }

  #word(group: WordGroup, raw: string, text: string, place: string): void {
    if (text.includes('-')) throw new LabelsError('bad-line', `\`${text}\` has a dash, which separates levels`, place)
    const cats = this.#categories(raw, group.defaults, place)
    const known = (1n << BigInt(this.width)) - 1n
    group.words.push({
      text, cats, normal: cats & known & ~group.defaults, inverse: (cats ^ group.defaults) & group.defaults,
    })
  }

  #categories(text: string, start: bigint, place: string): bigint {
    const named = parseCategories(text.replaceAll('~', ''))
    const cats = parseCategories(text, start, true)
    if (cats === null || named === null) {
      throw new LabelsError('bad-line', `\`${text}\` is not a list of categories`, place, 'c0.c5,~c3')
    }
    this.widen(named)
    return cats
  }

  #constraint(key: string, sign: string, value: string, place: string): Constraint {
    const cats = this.#categories(value, 0n, place)
    const sens = /^s(\d{1,9})/.exec(key)?.[1]
    if (sens !== undefined) return { kind: 'sensitivity', sens: Number(sens), cats }
    return { kind: 'categories', mask: this.#categories(key, 0n, place), cats, isNeeded: sign === '>' }
  }
}

const GROUP_SETTINGS = new Set(['Whitespace', 'Join', 'Prefix', 'Suffix', 'Default'])

export const violates = (constraints: readonly Constraint[], { sens, cats }: PlainLevel): boolean =>
  constraints.some((constraint) => {
    if (constraint.kind === 'sensitivity') return constraint.sens === sens && (constraint.cats & cats) !== 0n
    if ((constraint.mask & cats) === 0n) return false
    const common = countOf(constraint.cats & cats)
    return constraint.isNeeded ? common !== countOf(constraint.cats) : common > 0
  })
