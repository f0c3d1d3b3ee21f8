/** Denials in a log: the kernel's and userspace's AVC records, wherever they stand in a line of text or of JSON. */
import { fieldsOf, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LogText } from '@lsmkit/core/policy/audit-log'
import { recordLines } from './wrapped-lines.ts'

/** One record of a decision. */
export interface AvcRecord {
  readonly action: 'denied' | 'granted'
  readonly permissions: readonly string[]
  /** Permissions that the policy had no name for: `0x4000`. */
  readonly unnamed: readonly string[]
  readonly source: string
  readonly target: string
  readonly tclass: string
  /** The whole contexts. */
  readonly scontext: string
  readonly tcontext: string
  /** It was only logged. */
  readonly permissive: boolean
  readonly comm: string | null
  /** `path=`, else `name=`. */
  readonly object: string | null
  /** `ioctlcmd=` of an ioctl. */
  readonly ioctl: number | null
  /** Line of the log, from 1 on. */
  readonly line: number
}

export type Denial = AvcRecord

/** Reading goes on behind what a search has passed over: a line costs what it is long, whatever is on it. */
const DECISION = /avc:\s+(denied|granted)\s+\{ /g

interface Decision {
  readonly action: AvcRecord['action']
  readonly permissions: string
  /** Where what is told of it begins. */
  readonly end: number
}

/** The first decision on a line; null of none. */
const decisionIn = (line: string): Decision | null => {
  DECISION.lastIndex = 0
  for (let found = DECISION.exec(line); found !== null; found = DECISION.exec(line)) {
    const start = DECISION.lastIndex
    const brace = line.indexOf('}', start)
    if (brace < 0) return null
    if (brace > start && line[brace - 1] === ' ') {
      const action = found[1] as AvcRecord['action']
      return { action, permissions: line.slice(start, brace - 1), end: brace + 1 }
    }
    // Whatever begins before this brace ends at it too.
    DECISION.lastIndex = brace
  }
  return null
}

/** Logs are written by others: what is no name, or a word of CIL, would make another rule of it. */
const isName = (text: string): boolean =>
  /^[A-Za-z_][\w.$@-]*$/.test(text) && !/^(all|and|or|xor|not|self|notself|other)$/.test(text)

const COMMAND = /^(?:0x)?([\da-f]{1,4})$/i

const typeOf = (context: string): string => context.split(':')[2] ?? ''

/** All denials of a log; other lines are passed over. */
export const readDenials = (log: LogText): Denial[] => readAvcRecords(log).filter(({ action }) => action === 'denied')

/** The same with what was granted, where a policy has that recorded (auditallow). */
export const readAvcRecords = (log: LogText): AvcRecord[] => [...avcRecordsIn(log)]

/**
 * The same, each when it is asked for. A record that is wrapped over several lines is read as one. `onCut` gets the
 * line of a record that has no end, or that cannot be put together without doubt: it is left out.
 */
export function* avcRecordsIn(log: LogText, onCut: (line: number) => void = () => {}): Generator<AvcRecord> {
  for (const { line, text, isCut } of recordLines(logLines(log))) {
    if (isCut) {
      onCut(line)
      continue
    }
    const decision = decisionIn(text)
    if (decision === null) continue
    const fields = fieldsOf(text.slice(decision.end))
    const [source, target, tclass] = ['scontext', 'tcontext', 'tclass']
      .map((name) => fields.get(name) ?? '') as [string, string, string]
    const words = decision.permissions.trim().split(/\s+/)
    const unnamed = words.filter((word) => /^0x[\da-f]{1,8}$/.test(word))
    const asked = words.filter((word) => !unnamed.includes(word))
    if (![typeOf(source), typeOf(target), tclass, ...asked].every(isName)) continue
    const ioctl = asked.includes('ioctl') ? COMMAND.exec(fields.get('ioctlcmd') ?? '') : null
    yield {
      action: decision.action, permissions: asked, unnamed, source: typeOf(source), target: typeOf(target), tclass,
      scontext: source, tcontext: target,
      permissive: fields.get('permissive') === '1', comm: trusted(fields.get('comm')),
      object: trusted(fields.get('path')) ?? trusted(fields.get('name')),
      ioctl: ioctl === null ? null : Number.parseInt(ioctl[1]!, 16), line,
    }
  }
}
