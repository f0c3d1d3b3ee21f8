/** Categories of a level or a login's range, changed as chcat(8) does: added, taken away, or replaced. */
import { LabelsError } from './errors.ts'

const isSensitivity = (text: string): boolean => /^s(?:[0-9]|1[0-5])$/.test(text)

/** More categories than this are left as they are written. */
const MOST_WRITTEN = 25

/** `c1.c3` as its three. */
const expanded = (parts: readonly string[]): string[] => {
  const all: string[] = []
  for (const part of parts.flatMap((each) => each.split(','))) {
    const run = /^c(\d{1,4})\.c(\d{1,4})$/.exec(part)
    if (run === null) all.push(part)
    else for (let n = Number(run[1]); n <= Number(run[2]); n++) all.push(`c${n}`)
  }
  const once = [...new Set(all)]
  return once.length > MOST_WRITTEN ? [...parts] : once
}

interface Level {
  readonly sens: string
  readonly cats: readonly string[]
}

/** A level, or categories alone. */
const levelOf = (raw: string): Level => {
  const [first = '', ...rest] = raw.split(':')
  return isSensitivity(first) ? { sens: first, cats: expanded(rest) } : { sens: 's0', cats: expanded([first, ...rest]) }
}

const joined = ({ sens, cats }: Level): string => cats.length === 0 ? sens : `${sens}:${cats.join(',')}`

export interface CategoryChange {
  readonly action: 'add' | 'remove' | 'replace'
  /** Levels or categories, without names for them. */
  readonly levels: readonly string[]
}

/**
 * `+c1,-c2` or `s0:c1,c2` as changes; `raw` gives the level that a name stands for. Throws LabelsError where signs and
 * plain names are mixed.
 */
export const categoryChanges = (text: string, raw: (name: string) => string = (name) => name): CategoryChange[] => {
  const parts = text.split(',').filter((part) => part !== '')
  const signed = parts.filter((part) => /^[+-]/.test(part))
  if (parts.length === 0) throw new LabelsError('bad-line', 'there is no category', null, 'c1, or +c1 or -c1')
  if (signed.length === 0) return [{ action: 'replace', levels: parts.map(raw) }]
  if (signed.length < parts.length) {
    throw new LabelsError('bad-line', `\`${text}\` mixes + and - with other categories`, null, '+c1,-c2, or c1,c2')
  }
  return signed.map((part) =>
    ({ action: part.startsWith('+') ? 'add' : 'remove', levels: [raw(part.slice(1))] }) as const)
}

/** All levels of a change as one. Throws LabelsError for two sensitivities. */
const merged = (levels: readonly string[]): Level => {
  const all = levels.map(levelOf)
  const sens = all[0]!.sens
  if (all.some((level) => level.sens !== sens)) throw new LabelsError('bad-range', 'there are several sensitivities')
  return { sens, cats: all.flatMap(({ cats }) => cats) }
}

/** The level of a file. Throws LabelsError where its sensitivity is another one. */
export const changedLevel = (level: string, changes: readonly CategoryChange[]): string =>
  changes.reduce((now, { action, levels }) => {
    const change = merged(levels)
    if (action === 'replace') return joined(change)
    const { sens, cats } = levelOf(now)
    if (change.sens !== sens) {
      throw new LabelsError('bad-range', `the sensitivity of \`${now}\` cannot be changed with + and -`)
    }
    const others = cats.filter((cat) => !change.cats.includes(cat))
    if (action === 'remove') return others.length === cats.length ? now : joined({ sens, cats: others })
    return change.cats.every((cat) => cats.includes(cat)) ? now : joined({ sens, cats: [...others,
      ...change.cats].sort() })
  }, level)

/** The range of a login: its high end changes. */
export const changedRange = (range: string, changes: readonly CategoryChange[]): string =>
  changes.reduce((now, { action, levels }) => {
    const change = merged(levels)
    const [low = 's0', high] = now.split('-')
    if (action === 'replace') return `${low}-${joined(change)}`
    const top = high === undefined ? { sens: 's0', cats: [] } : levelOf(high)
    const others = top.cats.filter((cat) => action === 'add' || !change.cats.includes(cat))
    const cats = action === 'add' ? [...new Set([...others, ...change.cats])] : others
    return `${low}-${joined({ sens: top.sens, cats })}`
  }, range)
