/** Denials in a log: the kernel's and userspace's AVC records, wherever they stand in a line of text or of JSON. */
import { fieldsOf, logLines, trusted } from '@lsmkit/core/audit-log'

/** One denial. */
export interface Denial {
  readonly permissions: readonly string[]
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

/** Reading goes on behind what a search has passed over: a line costs what it is long, whatever is on it. */
const DENIED = /avc:\s+denied\s+\{ /g

/** The permissions of the first denial on a line, and where what is told of it begins; null of none. */
const deniedIn = (line: string): { readonly permissions: string; readonly end: number } | null => {
  DENIED.lastIndex = 0
  while (DENIED.test(line)) {
    const start = DENIED.lastIndex
    const brace = line.indexOf('}', start)
    if (brace < 0) return null
    if (brace > start && line[brace - 1] === ' ') return { permissions: line.slice(start, brace - 1), end: brace + 1 }
    // Whatever begins before this brace ends at it too.
    DENIED.lastIndex = brace
  }
  return null
}

/** Logs are written by others: what is no name, or a word of CIL, would make another rule of it. */
const isName = (text: string): boolean =>
  /^[A-Za-z_][\w.$@-]*$/.test(text) && !/^(all|and|or|xor|not|self|notself|other)$/.test(text)

const COMMAND = /^(?:0x)?([\da-f]{1,4})$/i

const typeOf = (context: string): string => context.split(':')[2] ?? ''

/** All denials of a log; lines that tell of none are passed over. */
export const readDenials = (log: string): Denial[] => {
  const denials: Denial[] = []
  for (const { line, text } of logLines(log)) {
    const denied = deniedIn(text)
    if (denied === null) continue
    const fields = fieldsOf(text.slice(denied.end))
    const [source, target, tclass] = ['scontext', 'tcontext', 'tclass']
      .map((name) => fields.get(name) ?? '') as [string, string, string]
    const asked = denied.permissions.trim().split(/\s+/)
    if (![typeOf(source), typeOf(target), tclass, ...asked].every(isName)) continue
    const ioctl = asked.includes('ioctl') ? COMMAND.exec(fields.get('ioctlcmd') ?? '') : null
    denials.push({
      permissions: asked, source: typeOf(source), target: typeOf(target), tclass,
      scontext: source, tcontext: target,
      permissive: fields.get('permissive') === '1', comm: trusted(fields.get('comm')),
      object: trusted(fields.get('path')) ?? trusted(fields.get('name')),
      ioctl: ioctl === null ? null : Number.parseInt(ioctl[1]!, 16), line,
    })
  }
  return denials
}
