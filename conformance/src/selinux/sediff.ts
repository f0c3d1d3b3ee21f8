/**
 * sediff's answers and ours in one form: by section, what was added, removed and modified, as sorted lines.
 *
 * Lines that only look different are written alike: the order and the parentheses that sediff gives to sets and to the
 * expressions of constraints, brackets around changes, and the branch of a condition, which it does not print where
 * permissions differ.
 */
import { ownValue } from '@lsmkit/abi'
import { spawnSync } from 'node:child_process'
import { UsageError } from '../suite.ts'

/** By title of a section: its lines. */
export type Sections = ReadonlyMap<string, string[]>

/** Its output for two files; null if it cannot read one of them as a policy. */
export const sediff = (before: string, after: string): string | null => {
  const { stdout, stderr, error, status } = spawnSync('sediff', [before, after],
    { encoding: 'utf8', maxBuffer: 1 << 30 })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new UsageError('there is no sediff on this machine', 'Debian: apt install setools')
  }
  if (stdout.startsWith('Invalid policy')) return null
  if (status !== 0) throw new Error(`sediff ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

/** Without constraints that it lists as gone and come: it takes a set in another order for another set. */
export const readSediff = (text: string): Sections => {
  const sections = read(text, entryOfSediff)
  return new Map(Array.from(sections, ([title, lines]) => {
    const opposite = (line: string): string => `${line.startsWith('+') ? '-' : '+'}${line.slice(1)}`
    return [title, isExpression(title) ? lines.filter((line) => !lines.includes(opposite(line))) : lines]
  }))
}

export const readOurs = (lines: Iterable<string>): Sections => read([...lines].join('\n'), entryOfOurs)

/** What a rule on extended permissions begins with, and its numbers. */
const extended = (line: string): { readonly head: string; readonly numbers: ReadonlySet<number> } | null => {
  const [, head, numbers] = /^([-+] \w+xperm \S+ \S+ \w+) (.*?)(?: \[.*)?$/.exec(line) ?? []
  if (head === undefined) return null
  const ranges = numbers!.replace(/[{}]/g, '').trim().split(' ').map((range) => range.split('-').map(Number))
  return { head, numbers: new Set(ranges.flatMap(([low, high = low]) =>
    Array.from({ length: high! - low! + 1 }, (_, i) => low! + i))) }
}

/**
 * sediff's lines with the rules on extended permissions in full: of those that came or went it prints the first 256
 * numbers only, and no condition.
 */
export const printedInFull = (theirs: readonly string[], mine: readonly string[]): string[] => {
  const left = mine.filter((line) => extended(line) !== null)
  return theirs.map((line) => {
    const part = extended(line)
    const found = part === null ? -1 : left.findIndex((each) => {
      const whole = extended(each)!
      return whole.head === part.head && [...part.numbers].every((n) => whole.numbers.has(n))
    })
    return found < 0 ? line : left.splice(found, 1)[0]!
  }).sort()
}

/** What an entry consists of: its line, and the lines under it. */
type Entry = (title: string, line: string, details: readonly string[]) => string

const TITLE = /^(\S.*) \(.*(?:added|removed|modified)\)$/i

const read = (text: string, entry: Entry): Sections => {
  const sections = new Map<string, string[]>()
  let title = ''
  let [line, details] = ['', [] as string[]]
  const flush = (): void => {
    if (line !== '') sections.get(title)!.push(entry(title, line, details))
    ;[line, details] = ['', []]
  }
  for (const each of text.split('\n')) {
    const [, found] = TITLE.exec(each) ?? []
    if (found !== undefined) {
      flush()
      title = found
      sections.set(title, [])
    } else if (/^(?: {6}| {2})[-+*] /.test(each)) {
      flush()
      line = each.trim()
    } else if (/^ {6,}/.test(each)) details.push(each.trim())
  }
  flush()
  for (const lines of sections.values()) lines.sort()
  return sections
}

const sortedSets = (text: string): string =>
  text.replace(/\{ ([^}]*) \}/g, (_, names: string) => `{ ${names.split(' ').sort().join(' ')} }`)

const plain = (text: string): string => sortedSets(text.replaceAll(' - ', '-').replace(/ {2,}/g, ' ')
  .replace(/([-+])\[([^\]]*)\]/g, '$1$2').replace(/c(\d+)\.c(\d+)/g, pairOfCategories).replaceAll(';', '').trim())

/** `c0.c1` of two neighbours is `c0,c1` elsewhere. */
const pairOfCategories = (text: string, low: string, high: string): string =>
  Number(high) === Number(low) + 1 ? text.replace('.', ',') : text

const withoutParentheses = (text: string): string => text.replace(/[()]|\{ \}/g, ' ').replace(/ {2,}/g, ' ').trim()

const isExpression = (title: string): boolean => /Constraints|Validatetrans/.test(title)

/** Under which word the lines of a section stand that have no heading. */
const words: Readonly<Record<string, string>> = {
  Commons: 'permissions', Classes: 'permissions', Booleans: 'default state', Roles: 'types', 'Type Attributes': 'types',
  Levels: 'categories', Categories: 'aliases', Sensitivities: 'aliases',
}

const common = (title: string, line: string): string =>
  isExpression(title) ? withoutParentheses(plain(line)) : plain(line)

/** `+target -source low` is one value and the other; beside glblub the words of the range are not told. */
const sortedDefault = (line: string): string => line.replace(/^(\* \S+ \S+) (.*)$/, (_, head: string, rest: string) => {
  const value = (sign: string): string => rest.split(' ').filter((word) => !word.endsWith('None'))
    .filter((word) => !/^[-+]/.test(word) || word.startsWith(sign)).map((word) => word.replace(sign, '')).join(' ')
  return withoutRange(`${head} +${value('+')} -${value('-')}`)
})

const withoutRange = (line: string): string =>
  line.startsWith('*') && line.includes('glblub') ? line.replace(/ (?:low|high|low_high)(?= |$)/g, '') : line

const entryOfSediff: Entry = (title, line, details) => {
  if (details.length === 0 && !line.startsWith('*')) return common(title, line)
  if (title === 'Policy Properties') return plain(line).toLowerCase()
  if (title === 'Typebounds') return plain(line).replace(/^(\* \w+) (\S+ \S+) (\S+)$/, '$1 $3 $2')
  if (title === 'Defaults') return sortedDefault(plain(line))
  const [, head, summary] = /^(\* \S+) \((.*)\)$/.exec(line) ?? []
  if (head === undefined) return plain(line)
  let word = ownValue(words, title) ?? ''
  const found: string[] = []
  for (const detail of details) {
    if (detail.endsWith(':')) word = detail.slice(0, -1).toLowerCase()
    else found.push(`${word} ${plain(detail.toLowerCase().replace('none (mls disabled)', 'none').replace(/^([-+]) /, '$1'))}`)
  }
  if (summary!.includes('Added permissive')) found.push('permissive +true', 'permissive -false')
  if (summary!.includes('Removed permissive')) found.push('permissive +false', 'permissive -true')
  return [head, ...found.sort()].join(' | ')
}

const entryOfOurs: Entry = (title, line, details) => {
  const text = withoutRange(common(title, line))
  if (!line.startsWith('*')) return title === 'Levels' ? text.replace(' level ', ' ') : text
  if (title === 'Initial SIDs') return text.replace('* sid ', '* ')
  if (title === 'Policy Properties') return text.toLowerCase()
  const word = ownValue(words, title)
  if (word === undefined && details.length === 0) return text.replace(/ \]:\w+$/, ' ]')
  const [star, name, ...changes] = text.split(' ')
  const found = word === undefined ? details.flatMap((detail) => {
    const [, what, list] = /^([^:]+): (.*)$/.exec(detail)!
    return list!.split(' ').map((change) => `${what} ${change}`)
  }) : changes.map((change) => `${word} ${change}`)
  const head = title === 'Netifcons' ? changes[0] : name
  return [`${star} ${head}`, ...found.sort()].join(' | ')
}
