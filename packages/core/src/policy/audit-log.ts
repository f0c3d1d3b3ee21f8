/**
 * `@lsmkit/core/policy/audit-log`: reading audit logs again, for tools that learn from them or replay them. A log is
 * text as kernels and `kernelText` print it, or lines of JSON as `jsonLine` writes them; the two may be mixed. Logs
 * come from outside: what is read is a value and never an instruction.
 */
import { ownValue } from '@lsmkit/abi'
import { LsmkitError } from '../errors.ts'

/** A line that holds a record. */
export interface LogLine {
  /** From 1. */
  readonly line: number
  /** As a kernel prints it; of a line of JSON, the text that an LSM wrote, or ''. */
  readonly text: string
  /** The object of a line of JSON. */
  readonly json: Readonly<Record<string, unknown>> | null
}

/** A log: its text, or its lines one after the other for one that is too long to be a text. */
export type LogText = string | Iterable<string>

/** The lines of a text, each when it is asked for. */
function* linesOf(text: string): Generator<string> {
  let from = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    yield text.slice(from, end)
    from = end + 1
  }
  yield text.slice(from)
}

/** All lines but blank ones. */
export function* logLines(log: LogText): Generator<LogLine> {
  let line = 0
  for (const raw of typeof log === 'string' ? linesOf(log) : log) {
    line++
    if (raw.trim() === '') continue
    const json = raw.startsWith('{') ? objectOf(raw) : null
    if (json === null) yield { line, text: raw, json }
    else yield { line, text: textIn(json), json }
  }
}

/** Ours, or that of a journal that was exported as JSON. */
const textIn = ({ text, MESSAGE }: Readonly<Record<string, unknown>>): string =>
  typeof text === 'string' ? text : textOf(MESSAGE)

const objectOf = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields begin where a word does: from every letter on, a long word would be read as often as it has letters. */
const FIELD = /(?<![\w-])([A-Za-z_]\w*)=("[^"]*"|[^\s'"]+)/g

/** The fields `name=value` of a text, values as they are written; of two of one name the last. */
export const fieldsOf = (text: string): Map<string, string> => {
  const fields = new Map<string, string>()
  for (const [, name, value] of text.matchAll(FIELD)) fields.set(name!, value!)
  return fields
}

/** Reads text written by `untrusted`: quoted, or in hexadecimal if it holds characters that may not be quoted. */
export const trusted = (written: string | undefined): string | null => {
  if (written === undefined || written === '(null)' || written === '?') return null
  if (written.startsWith('"')) return written.slice(1, -1)
  if (written.length % 2 !== 0 || !/^[\dA-F]+$/.test(written)) return written
  const bytes = Uint8Array.from({ length: written.length / 2 }, (_, i) =>
    Number.parseInt(written.slice(2 * i, 2 * i + 2), 16))
  return new TextDecoder().decode(bytes).replaceAll('\0', ' ')
}

/** A record of the framework itself about a hook: kinds `denial`, `would-deny` and `allow`. */
export interface LoggedDecision {
  readonly line: number
  readonly kind: 'denial' | 'would-deny' | 'allow'
  /** '' for what was allowed, by all. */
  readonly lsm: string
  readonly hook: string
  /** `EACCES`; '' for what was allowed. */
  readonly error: string
  readonly pid: number
  readonly comm: string
  /**
   * Fields of the object, of the hook's arguments and of the LSM, under the names that the text of a record has:
   * `path`, `capability`, `mask`.
   */
  readonly fields: ReadonlyMap<string, string>
}

const KINDS = { LSM_DENIED: 'denial', LSM_WOULD_DENY: 'would-deny', LSM_GRANTED: 'allow' } as const
const HEAD = /\btype=(LSM_DENIED|LSM_WOULD_DENY|LSM_GRANTED) /

/** Reads a line of such a record; null for any other line. */
export const loggedDecision = (one: LogLine): LoggedDecision | null =>
  one.json === null ? ofText(one) : ofJson(one.line, one.json)

/** All such records of a log; lines of anything else are passed over. */
export const loggedDecisions = (log: LogText): LoggedDecision[] => {
  const decisions: LoggedDecision[] = []
  for (const one of logLines(log)) {
    const decision = loggedDecision(one)
    if (decision !== null) decisions.push(decision)
  }
  return decisions
}

const ofText = ({ line, text }: LogLine): LoggedDecision | null => {
  const type = HEAD.exec(text)?.[1] as keyof typeof KINDS | undefined
  if (type === undefined) return null
  const written = fieldsOf(text)
  const fields = new Map([...written].map(([name, value]) => [name, valueOf(name, value)]))
  const plain = (name: string): string => written.get(name) ?? ''
  return {
    line, kind: KINDS[type], lsm: plain('lsm'), hook: plain('hook'), error: plain('error'),
    pid: Number(plain('pid')), comm: fields.get('comm') ?? '', fields,
  }
}

/** Texts that a program could have chosen: unquoted they are hexadecimal, where another field would be a number. */
const CHOSEN: ReadonlySet<string> = new Set(['path', 'name', 'comm', 'ocomm', 'dev', 'key_desc', 'kmod', 'reason'])

const valueOf = (name: string, value: string): string =>
  value.startsWith('"') || CHOSEN.has(name) ? (trusted(value) ?? '') : value

const JSON_KINDS: readonly unknown[] = Object.values(KINDS)

/** The object of a capability check is its number, which texts call otherwise. */
const textNames: Readonly<Record<string, string>> = { cap: 'capability' }

const ofJson = (line: number, json: Readonly<Record<string, unknown>>): LoggedDecision | null => {
  if (!JSON_KINDS.includes(json.kind) || typeof json.hook !== 'string') return null
  const fields = new Map<string, string>()
  for (const part of [json.args, json.object, json.details]) {
    for (const [name, value] of Object.entries(isRecord(part) ? part : {})) {
      if (name !== 'kind' && value !== null && typeof value !== 'object') {
        fields.set(ownValue(textNames, name) ?? name, String(value))
      }
    }
  }
  const subject = isRecord(json.subject) ? json.subject : {}
  return {
    line, kind: json.kind as LoggedDecision['kind'], hook: json.hook, fields,
    lsm: textOf(json.lsm), error: textOf(json.error), pid: Number(subject.pid ?? 0), comm: textOf(subject.comm),
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A change of policy that a log asks for. Nothing applies it by itself. */
export interface Proposal {
  /** As it is written into a policy. */
  readonly text: string
  /** Records that ask for it, and the line of the first. */
  readonly seen: number
  readonly line: number
  readonly commands: readonly string[]
  /** Paths, or names if the record has no path. */
  readonly objects: readonly string[]
  /** Accesses that it permits and no record asked for. */
  readonly beyond: readonly string[]
  /** Alternatives: a label, a boolean, a narrower rule. */
  readonly instead: readonly string[]
  /** Why it should not be taken unread; empty for most. */
  readonly broad: readonly string[]
}

const MOST_NAMED = 3

const some = (names: readonly string[]): string =>
  names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '')

/** Comments on a proposal to put in front of it, one per line, in printable ASCII. */
export const proposalNotes = ({ seen, commands, objects, beyond, instead, broad }: Omit<Proposal, 'text'>): string[] =>
  [
    `${seen} ${seen === 1 ? 'denial' : 'denials'}${commands.length > 0 ? ` of ${some(commands)}` : ''}` +
      `${objects.length > 0 ? `: ${some(objects)}` : ''}`,
    ...broad.map((why) => `BROAD: ${why}`),
    ...(beyond.length > 0 ? [`beyond what was seen: ${beyond.join('; ')}`] : []),
    ...instead.map((what) => `instead: ${what}`),
  ].map((line) => line.replace(/[^\x20-\x7e]/g, '?'))

/** An access from a log, and the answer of another policy to it. */
export interface Replayed {
  readonly line: number
  readonly was: 'denied' | 'granted'
  readonly now: 'denied' | 'granted'
  /** Subject, object and access, on a line. */
  readonly access: string
  /** Why it is so now; '' where nothing is to be said. */
  readonly why: string
  /** A name that the policy does not have, `type web_t`: it could not be asked, and `now` is `denied`. */
  readonly unknown?: string
}

export interface ReplayedChange extends Replayed {
  /** Records of the same access. */
  readonly times: number
}

/** More accesses would be answered otherwise than are kept. */
export class ReplayError extends LsmkitError<'too-many-changes'> {}

/** Most changes that are kept: what reads them is a person, and a log may be made of nothing else. */
const MOST_CHANGES = 100_000

/** Those that would be answered otherwise, each once, at the line where it was first seen. Throws ReplayError. */
export const changesOf = (answers: Iterable<Replayed>): ReplayedChange[] => {
  const changes = new Map<string, Replayed & { times: number }>()
  for (const answer of answers) {
    if (answer.was === answer.now) continue
    const key = `${answer.was} ${answer.access}`
    const known = changes.get(key)
    if (known !== undefined) known.times++
    else if (changes.size < MOST_CHANGES) changes.set(key, { ...answer, times: 1 })
    else {
      throw new ReplayError('too-many-changes', `more than ${MOST_CHANGES} accesses would be answered otherwise`,
        { place: `line ${answer.line}`, hint: 'replay a part of the log' })
    }
  }
  return [...changes.values()]
}
