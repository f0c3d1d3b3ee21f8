/** Levels with names for them, both ways, as mcstransd(8) answers. */
import { aFunction, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { countOf, levelText, parseLevel } from './categories.ts'
import { Configuration, remember, violates } from './configuration.ts'
import type { BaseLevel, Domain, IncludedText, Word, WordGroup } from './configuration.ts'
import { sortedWords, spanOfWords } from './words.ts'

export interface TranslationOptions {
  /** Files that an `Include=` line names, by its pattern (default: there are none). */
  readonly include?: (pattern: string) => readonly IncludedText[]
}

const rules: OptionRules<TranslationOptions> = { include: aFunction }

/** No range is longer: a policy has 1024 categories at most. */
const LONGEST = 16_384
const ROUNDS = 50

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** The parts of a text that a word, a prefix or a suffix has taken are marked. */
const TAKEN = '#'
const marked = (text: string, from: number, length: number): string =>
  text.slice(0, from) + TAKEN.repeat(length) + text.slice(from + length)

interface Affix {
  readonly at: number
  readonly length: number
}

const affix = (text: string, names: readonly string[], pattern: (names: string) => string): Affix | null => {
  if (names.length === 0) return null
  const found = new RegExp(pattern(names.map(escaped).join('|')), 'i').exec(text)
  return found === null ? null : { at: found.index, length: found[0].length }
}

/** Leading blanks of a group. */
const skipBlanks = (text: string, at: number, blanks: string): number => {
  let next = at
  while (next < text.length && blanks.includes(text[next]!)) next++
  return next
}

/** The words for the categories that a base level leaves over, by group. */
class Wording {
  readonly #config: Configuration
  readonly #domain: Domain

  constructor(config: Configuration, domain: Domain) {
    this.#config = config
    this.#domain = domain
  }

  /** Null where words do not give exactly these categories. */
  of(base: BaseLevel, sens: number, cats: bigint): string | null {
    const all = (1n << BigInt(this.#config.width)) - 1n
    const original = cats ^ base.level.cats
    let left = original
    const chosen = new Map<string, string[]>()
    for (let round = 0; left !== 0n && round < ROUNDS; round++) {
      const found = this.#best(left, all & ~(left ^ original), sens > 0)
      if (found === null) break
      left &= all & ~(found.word.cats ^ base.level.cats)
      chosen.set(found.group.name, [...chosen.get(found.group.name) ?? [], found.word.text])
    }
    return left === 0n ? this.#text(base, chosen) : null
  }

  /** The word that comes nearest to what is left. */
  #best(left: bigint, open: bigint, mayAdd: boolean): { group: WordGroup; word: Word } | null {
    let best: { group: WordGroup; word: Word } | null = null
    let least = 10_000
    for (const group of this.#domain.groups) {
      for (const word of group.words) {
        if (least === 0) return best
        if (word.normal !== 0n && !mayAdd) continue
        const bits = (word.normal | word.inverse) & open
        if ((bits & left) !== bits) continue
        const distance = countOf(bits ^ left)
        if (distance >= least) continue
        least = distance
        best = { group, word }
      }
    }
    return best
  }

  #text(base: BaseLevel, chosen: ReadonlyMap<string, readonly string[]>): string {
    const groups = [...new Map([...this.#domain.groups].reverse().map((group) => [group.name,
      group])).values()].reverse()
    const parts = groups.flatMap(({ name, join, prefixes, suffixes }) => {
      const words = chosen.get(name)
      if (words === undefined) return []
      return [[...prefixes.slice(0, 1), words.join(join), ...suffixes.slice(0, 1)].join(' ')]
    })
    return `${base.text} ${parts.join(' ')}`
  }
}

export class Translations {
  readonly #config: Configuration

  /** Throws OptionError, and LabelsError for a line of the text. */
  constructor(text: string, options: TranslationOptions = {}) {
    checkOptions(options, rules, 'Translations')
    this.#config = new Configuration(options.include ?? (() => []))
    this.#config.read(text, 'setrans.conf')
  }

  /** The names for a range, `s0-s0:c0.c1023`; the range itself where there are none. */
  translate(range: string): string {
    return this.#both(range, ({ rawToText }) => rawToText, (level, domain) => this.#textOf(level, domain))
  }

  /** The range that names stand for; the text itself where they stand for none. */
  untranslate(text: string): string {
    return this.#both(text, ({ textToRaw }) => textToRaw, (level, domain) => this.#rawOf(level, domain))
  }

  /** The same for the range of a context. */
  translateContext(context: string): string {
    return ofContext(context, (range) => this.translate(range))
  }

  untranslateContext(context: string): string {
    return ofContext(context, (range) => this.untranslate(range))
  }

  #both(
    range: string, table: (domain: Domain) => ReadonlyMap<string, string>,
    compute: (level: string, domain: Domain) => string | null,
  ): string {
    if (range.length > LONGEST) return range
    const dash = range.indexOf('-')
    for (const domain of this.#config.domains) {
      const known = table(domain).get(range)
      if (known !== undefined) return known
      if (dash < 0) {
        const found = compute(range, domain)
        if (found !== null) return found
        continue
      }
      const [low, high] = [range.slice(0, dash), range.slice(dash + 1)].map((level) =>
        table(domain).get(level) ?? compute(level, domain) ?? level)
      return low === high ? low! : `${low}-${high}`
    }
    return range
  }

  #textOf(text: string, domain: Domain): string | null {
    const level = parseLevel(text)
    if (level === null) return null
    this.#config.widen(level.cats)
    if (violates(this.#config.constraints, level)) return null
    const wording = new Wording(this.#config, domain)
    let last: BaseLevel | null = null
    for (const base of domain.bases) {
      const isAlias = last !== null && last.level.sens === base.level.sens && last.level.cats === base.level.cats
      if (base.level.sens === level.sens && !isAlias) {
        const found = wording.of(base, level.sens, level.cats)
        if (found !== null) {
          remember(domain, text, found)
          return found
        }
      }
      if (!(base.level.sens === level.sens && isAlias)) last = base
    }
    return null
  }

  #rawOf(text: string, domain: Domain): string | null {
    const raw = this.#computeRaw(text, domain)
    if (raw === null) return null
    if (!domain.rawToText.has(raw)) this.#textOf(raw, domain)
    remember(domain, raw, text)
    return raw
  }

  #computeRaw(text: string, domain: Domain): string | null {
    const names = domain.bases.map((base) => base.text).sort((a, b) => b.length - a.length)
    const lower = text.toLowerCase()
    const name = names.find((each) => lower.startsWith(each.toLowerCase()))
    const base = name === undefined ? undefined
      : domain.bases.find((each) => each.text === text.slice(0, name.length))
    if (base === undefined) return null
    const after = skipBlanks(text, base.text.length, ' \t')
    let work = marked(text, 0, after)
    let { cats } = base.level
    let isComplete = false
    for (let isChanged = true; isChanged && !isComplete;) {
      isChanged = false
      for (const group of domain.groups) {
        const taken = takeWords(work, group, cats)
        isChanged = taken.isChanged
        work = taken.work
        cats = taken.cats
        isComplete = !/[A-Za-z0-9]/.test(work)
        if (isChanged || isComplete) break
      }
    }
    const level = { sens: base.level.sens, cats }
    return isComplete && !violates(this.#config.constraints, level) ? levelText(level) : null
  }
}

/** What a group finds in the text that is left. */
const takeWords = (
  work: string, group: WordGroup, before: bigint,
): { work: string; cats: bigint; isChanged: boolean } => {
  const nothing = { work, cats: before, isChanged: false }
  const prefix = affix(work, group.prefixes, (names) => `(?:${names})[ \\t]+`)
  const suffix = affix(work, group.suffixes, (names) => `[ \\t]+(?:${names})`)
  const hasAffixes = group.prefixes.length > 0 || group.suffixes.length > 0
  if (hasAffixes && prefix === null && suffix === null) return nothing
  const start = prefix === null ? 0 : prefix.at + prefix.length
  const end = suffix === null ? work.length : suffix.at
  if (end < start) return nothing
  const sorted = sortedWords(group)
  const inside = work.slice(start, end)
  const span = spanOfWords(inside, group, sorted, group.prefixes.length > 0, group.suffixes.length > 0)
  if (span === null) return nothing
  const text = inside.slice(...span)
  let at = skipBlanks(text, 0, group.whitespace)
  if (at === text.length) return nothing
  let cats = before
  let isChanged = false
  while (at < text.length) {
    const word = sorted.find((each) => text.startsWith(each.text, at))
    if (word === undefined) break
    cats = (cats | (word.cats & ~group.defaults)) & ~((word.cats ^ group.defaults) & group.defaults)
    isChanged = true
    at = skipBlanks(text, at + word.text.length, group.whitespace)
  }
  const prefixed = prefix === null ? work : marked(work, prefix.at, prefix.length)
  const suffixed = suffix === null ? prefixed : marked(prefixed, suffix.at, suffix.length)
  return { work: marked(suffixed, start + span[0], span[1] - span[0]), cats, isChanged }
}

const ofContext = (context: string, change: (range: string) => string): string => {
  const parts = context.split(':')
  if (parts.length < 4) return context
  return [...parts.slice(0, 3), change(parts.slice(3).join(':'))].join(':')
}
