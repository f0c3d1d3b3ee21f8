/** A message of a host: lines that follow each other. The head says which, so that a retry is known by its id. */
import { verdicts } from './decision.ts'
import type { Line } from './decision.ts'
import { gapReasons } from '../spool/gap.ts'

export const messageId = (host: string, from: number, to: number): string => `${host}/${from}-${to}`

export const messageBytes = (from: number, to: number, lines: readonly Uint8Array[]): Uint8Array => {
  const newline = Buffer.from('\n')
  const head = Buffer.from(`${JSON.stringify({ format: 1, from, to, lines: lines.length })}`)
  return Buffer.concat([head, ...lines.flatMap((line) => [newline, line])])
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value)
const isFlat = (value: unknown): boolean => isObject(value) && Object.values(value).every(isPlain)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || isText(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** One that a date can be. */
const isTime = (value: unknown): boolean => isCount(value) && (value as number) <= 8.64e15

const isSubject = (value: unknown): boolean =>
  isObject(value) && isFlat(value) && typeof value['pid'] === 'number' && typeof value['euid'] === 'number' &&
  isText(value['comm']) && isTextOrNull(value['label'])

const isHookRecord = (record: Readonly<Record<string, unknown>>): boolean =>
  isText(record['hook']) && isSubject(record['subject']) && isFlat(record['args']) &&
  (record['object'] === null || (isFlat(record['object']) && isText((record['object'] as { kind?: unknown }).kind)))

const isRefusal = (record: Readonly<Record<string, unknown>>): boolean =>
  isHookRecord(record) && isText(record['lsm']) && typeof record['rc'] === 'number' &&
  isTextOrNull(record['reason']) && (record['details'] === null || isFlat(record['details']))

/** What readers of records rely on; a host may have written anything. */
const recordForms: ReadonlyMap<unknown, (record: Readonly<Record<string, unknown>>) => boolean> = new Map([
  ['denial', isRefusal],
  ['would-deny', isRefusal],
  ['allow', (record: Readonly<Record<string, unknown>>) => isHookRecord(record) && typeof record['rc'] === 'number'],
  ['fault', (record: Readonly<Record<string, unknown>>) =>
    isHookRecord(record) && isText(record['lsm']) && isText(record['message']) && isText(record['fault'])],
  ['text', (record: Readonly<Record<string, unknown>>) =>
    isText(record['lsm']) && isText(record['text']) && typeof record['type'] === 'number' &&
    (record['details'] === null || isFlat(record['details']))],
  ['call', (record: Readonly<Record<string, unknown>>) =>
    isText(record['by']) && isText(record['call']) && typeof record['rc'] === 'number' && isTextOrNull(record['path'])],
  ['host', (record: Readonly<Record<string, unknown>>) =>
    isText(record['host']) && isText(record['why']) && typeof record['port'] === 'number' &&
    typeof record['rc'] === 'number'],
])

const isDecision = (line: Readonly<Record<string, unknown>>): boolean => {
  const { boot, bundle, source, verdict, sample, masked, texts, record } = line
  return isText(boot) && isTextOrNull(bundle) && isText(source) && verdicts.some((one) => one === verdict) &&
    isCount(sample) && Array.isArray(masked) && masked.every(isText) && Array.isArray(texts) && texts.every(isText) &&
    isObject(record) && recordForms.get(record['kind'])?.(record) === true
}

const isCounts = ({ boot, bundle, since, counts }: Readonly<Record<string, unknown>>): boolean =>
  isText(boot) && isTextOrNull(bundle) && isTime(since) && Array.isArray(counts) && counts.every((one) =>
    isObject(one) && isText(one['source']) && isText(one['operation']) && isText(one['verdict']) &&
    isCount(one['count']))

const isRange = (range: unknown): boolean =>
  Array.isArray(range) && range.length === 2 && range.every(isCount) && (range[0] as number) <= (range[1] as number)

const isGap = ({ reason, ranges, count }: Readonly<Record<string, unknown>>): boolean =>
  gapReasons.some((one) => one === reason) && Array.isArray(ranges) && ranges.every(isRange) &&
  (count === null || isCount(count))

const lineForms: ReadonlyMap<unknown, (line: Readonly<Record<string, unknown>>) => boolean> =
  new Map([['decision', isDecision], ['counts', isCounts], ['gap', isGap]])

const lineOf = (text: string): Line => {
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || !isCount(value['serial']) || !isTime(value['time'])) throw new Error('a line has no serial')
  if (lineForms.get(value['kind'])?.(value) !== true) throw new Error(`line ${value['serial'] as number} is not one`)
  return value as unknown as Line
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Throws an Error for anything other than a message; nothing of it is taken then. */
export const parseMessage = (bytes: Uint8Array): readonly Line[] => {
  const [head = '', ...lines] = decoder.decode(bytes).split('\n')
  const { format, lines: count } = JSON.parse(head) as { format?: unknown, lines?: unknown }
  if (format !== 1) throw new Error('the format is another one')
  if (count !== lines.length) throw new Error('the message is cut')
  return lines.map(lineOf)
}
