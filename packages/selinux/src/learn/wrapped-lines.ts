/** AVC records that a mail program or a terminal has wrapped over several lines, as one line again. */
import type { LogLine } from '@lsmkit/core/policy/audit-log'
import { kernelClasses } from '../class-map.ts'

export interface RecordLine extends LogLine {
  /** A record begins on this line, and its end is missing or cannot be put together without doubt. */
  readonly isCut: boolean
}

/** More lines than these are no record: an 80-column mail wraps a long one into eight. */
const MOST_LINES = 16
const MOST_TEXT = 16_384

const WORDS: ReadonlySet<string> = new Set(['avc:', 'denied', 'granted', '{', '}', 'for'])
const CLASSES: ReadonlySet<string> = new Set(kernelClasses.map(({ name }) => name))
const PERMISSIONS: ReadonlySet<string> = new Set(kernelClasses.flatMap(({ perms }) => perms))

interface Open {
  readonly first: LogLine
  text: string
  lines: number
}

/** Each line of a log, with those of a wrapped record joined into its first. */
export function* recordLines(lines: Iterable<LogLine>): Generator<RecordLine> {
  let open: Open | null = null
  for (const one of lines) {
    const joined = open === null || one.json !== null ? null : continued(open, one.text)
    if (open !== null && joined !== null) {
      open.text = joined
      open.lines++
      continue
    }
    if (open !== null) yield closed(open)
    open = one.json === null && begins(one.text) ? { first: one, text: one.text, lines: 1 } : null
    if (open === null) yield { ...one, isCut: false }
  }
  if (open !== null) yield closed(open)
}

const closed = ({ first, text }: Open): RecordLine => ({ ...first, text, isCut: !isWhole(text) })

/** Up to the end of the line in a record: what stands after the last `avc:`. */
const begins = (text: string): boolean => {
  const at = text.lastIndexOf('avc:')
  if (at < 0) return false
  const words = text.slice(at + 4, at + 4 + MOST_TEXT).trim().split(/\s+/)
  const [action = ''] = words
  if (words.length === 1) return 'denied'.startsWith(action) || 'granted'.startsWith(action)
  return (action === 'denied' || action === 'granted') && words[1] === '{'
}

const NEEDED = [/\sscontext=[^\s"]/, /\stcontext=[^\s"]/, /\stclass=[^\s"]/]

const isWhole = (text: string): boolean => {
  const brace = text.indexOf('}', text.lastIndexOf('avc:'))
  return brace >= 0 && NEEDED.every((field) => field.test(text.slice(brace)))
}

/** The record with a further line; null where the line is not of it. */
const continued = ({ text, lines }: Open, raw: string): string | null => {
  const line = raw.replace(/^\s*(?:>\s?)+/, '').trim()
  const start = text.replace(/\r$/, '')
  if (lines === MOST_LINES || start.length + line.length > MOST_TEXT || line === '' || isOther(line)) return null
  if (isWhole(start)) return withEnd(start, line)
  const between = betweenOf(start, line)
  return between === null ? null : start.trimEnd() + between + line
}

/** A line that begins another record, or a line of a log with a date in front. */
const isOther = (line: string): boolean =>
  /\bavc:|\btype=[A-Z\d]|\baudit[:(]|^\[ *\d+\.\d+\]|^[A-Z][a-z]{2} +\d+ \d\d:\d\d/.test(line)

/** All that is needed is there, but the class may be cut, or `permissive=` may follow. */
const withEnd = (start: string, line: string): string | null => {
  if (/\spermissive=[01]/.test(start)) return null
  if (/^permissive=[01]/.test(line)) return `${start.trimEnd()} ${line}`
  const tclass = /\stclass=(\w+)$/.exec(start)?.[1]
  const rest = /^(\w+)(\s+permissive=[01]|$)/.exec(line)
  if (tclass === undefined || rest === null) return null
  const isClass = rest[2] !== '' || !CLASSES.has(tclass) && CLASSES.has(tclass + rest[1]!)
  return isClass ? start + line : null
}

/** What was between the end of a line and the next: a space, or nothing; null where it cannot be known. */
const betweenOf = (start: string, line: string): '' | ' ' | null => {
  if (/\s$/.test(start)) return ' '
  const last = /\S+$/.exec(start)?.[0] ?? ''
  const first = /^\S+/.exec(line)?.[0] ?? ''
  if (WORDS.has(last + first)) return ''
  if (WORDS.has(last) || WORDS.has(first) || last.endsWith('avc:')) return ' '
  const head = start.slice(start.lastIndexOf('avc:'))
  if (!head.includes('}')) return betweenPermissions(last, first)
  // Kernels write no space within quotes.
  if (head.split('"').length % 2 === 0) return ''
  return /^\w+=./.test(last) && /^\w+=/.test(first) ? ' ' : ''
}

const betweenPermissions = (last: string, first: string): '' | ' ' | null => {
  const isOne = PERMISSIONS.has(last + first)
  const areTwo = PERMISSIONS.has(last) && PERMISSIONS.has(first)
  return isOne === areTwo ? null : isOne ? '' : ' '
}
