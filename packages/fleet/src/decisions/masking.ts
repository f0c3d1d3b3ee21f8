/**
 * Texts that may not leave the host. INVARIANT: a text that was masked stands nowhere in the record any more, also not
 * in hexadecimal, as modules write odd names: the parts of the record where it might still be are left out.
 */
import { createHmac } from 'node:crypto'
import type { AuditObject } from '@lsmkit/core'
import type { DecisionRecord, Maskable } from './decision.ts'
import type { Mask, MaskWay } from './options.ts'

export interface Masked {
  readonly record: DecisionRecord
  readonly texts: readonly string[]
  readonly masked: readonly Maskable[]
}

type Fields = Readonly<Record<string, unknown>>

/** Shorter texts are masked where they are the whole of a value, and not looked for within others. */
const LEAST_WITHIN = 3
const DIGEST_LENGTH = 16

const objectOf = (record: DecisionRecord): AuditObject | null => ('object' in record ? record.object : null)
const fieldsIn = (value: unknown): Fields => (typeof value === 'object' && value !== null ? value as Fields : {})
const textsIn = (...values: readonly unknown[]): string[] =>
  values.filter((value) => typeof value === 'string' && value !== '') as string[]
const partOf = (record: DecisionRecord, name: string): Fields => fieldsIn((record as unknown as Fields)[name])

const pathTexts = (record: DecisionRecord): string[] => {
  const object = fieldsIn(objectOf(record))
  const paths = textsIn(object['path'], record.kind === 'call' ? record.path : null, partOf(record, 'details')['name'])
  const names = textsIn(object['name'], ...paths.map((path) => path.slice(path.lastIndexOf('/') + 1)))
  return [...paths, ...names]
}

/** The texts that each of them is about. */
const secretsOf: Readonly<Record<Maskable, (record: DecisionRecord) => string[]>> = {
  path: pathTexts,
  arguments: (record) => textsIn(...Object.values(partOf(record, 'args')), ...Object.values(partOf(record, 'details'))),
  reason: (record) => textsIn(...['reason', 'message', 'why', 'text'].map((name) => fieldsIn(record)[name])),
  program: (record) => textsIn(partOf(record, 'subject')['comm'], fieldsIn(objectOf(record))['comm']),
  label: (record) => textsIn(partOf(record, 'subject')['label'], ...['scontext', 'tcontext', 'subject', 'object',
    'profile'].map((name) => partOf(record, 'details')[name])),
  peer: (record) => textsIn(record.kind === 'host' ? record.host : null, partOf(record, 'details')['host'],
    ...['laddr', 'faddr', 'saddr', 'daddr'].map((name) => fieldsIn(objectOf(record))[name])),
}

/** Fields of a text that a kernel prints, whatever their values are. */
const textFields: Readonly<Partial<Record<Maskable, RegExp>>> = {
  path: /\b(path|name|exe|cwd|srcname|target)=("[^"]*"|\S+)/g,
  program: /\b(comm|ocomm|exe)=("[^"]*"|\S+)/g,
  label: /\b(scontext|tcontext|subject|object|profile|label|srawcon|trawcon)=("[^"]*"|\S+)/g,
  peer: /\b(laddr|faddr|saddr|daddr)=("[^"]*"|\S+)/g,
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex').toUpperCase()

/** Of one mask. */
class Eraser {
  readonly #secrets: readonly (readonly [secret: string, instead: string])[]

  constructor(secrets: readonly string[], instead: (secret: string) => string) {
    this.#secrets = [...new Set(secrets)].toSorted((a, b) => b.length - a.length).map((one) => [one, instead(one)])
  }

  text(text: string): string {
    let result = text
    for (const [secret, instead] of this.#secrets) {
      if (result === secret) return instead
      if (secret.length < LEAST_WITHIN) continue
      result = result.replaceAll(secret, () => instead).replaceAll(hexOf(secret), () => instead)
    }
    return result
  }

  /** Each text in a value. Names of fields stay. */
  value<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((one: unknown) => this.value(one)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, FIXED.has(name) ? one
      : this.value(one as unknown)])) as T
  }

  isIn(text: string): boolean {
    return this.#secrets.some(([secret]) => secret.length >= LEAST_WITHIN &&
      (text.includes(JSON.stringify(secret).slice(1, -1)) || text.includes(hexOf(secret))))
  }
}

/** Words of our own, which are never somebody's text. */
const FIXED: ReadonlySet<string> = new Set(['kind', 'hook', 'lsm', 'by', 'call', 'fault'])

/** A record of the parts in which a text of somebody may hide. */
const bare = (record: DecisionRecord): DecisionRecord => {
  const without: Record<string, unknown> = { ...record }
  for (const name of ['args', 'details', 'reason', 'message', 'why', 'text', 'permit']) {
    if (!Object.hasOwn(without, name)) continue
    without[name] = name === 'args' ? {} : ['message', 'why', 'text'].includes(name) ? '' : null
  }
  return without as unknown as DecisionRecord
}

const fixedOf = (record: DecisionRecord): string =>
  JSON.stringify(record, (name, value: unknown) => (FIXED.has(name) ? undefined : value))

/** Hides whole values where a record has them: what a rule names is gone, however it is written. */
const withoutFields = (record: DecisionRecord, name: Maskable): DecisionRecord => {
  if (name === 'arguments') return { ...record, ...('args' in record ? { args: {} } : {}) }
  return record
}

const apply = (
  { record, texts, masked }: Masked, name: Maskable, way: MaskWay, key: string,
): Masked => {
  const insteadOf = (secret: string): string => way === 'hide' ? '[masked]'
    : `[${createHmac('sha256', key).update(secret).digest('hex').slice(0, DIGEST_LENGTH)}]`
  const eraser = new Eraser(secretsOf[name](record), insteadOf)
  const pattern = textFields[name]
  const erased = texts.map((text) =>
    eraser.text(pattern === undefined ? text : text.replace(pattern, (_whole, field: string) => `${field}="[masked]"`)))
  const next = eraser.value(withoutFields(record, name))
  const isClean = !eraser.isIn(fixedOf(next)) && !erased.some((text) => eraser.isIn(text))
  return { record: isClean ? next : bare(next), texts: isClean ? erased : [], masked: [...masked, name] }
}

/** The record without what the masks name. */
export const maskedRecord = (
  record: DecisionRecord, texts: readonly string[], masks: Mask, key: string,
): Masked => {
  let result: Masked = { record, texts, masked: [] }
  for (const [name, way] of Object.entries(masks) as [Maskable, MaskWay][]) result = apply(result, name, way, key)
  return result
}
