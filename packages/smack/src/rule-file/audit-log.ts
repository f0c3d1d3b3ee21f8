/** Accesses that an audit log tells of, to ask them of other rules. */
import { modesText, parseModes } from '../modes.ts'

export interface LoggedAccess {
  /** Line of the log, from 1. */
  readonly line: number
  /** `smack_inode_permission`. */
  readonly fn: string
  readonly action: 'denied' | 'granted'
  readonly subject: string
  readonly object: string
  /** MAY_* bits; 0 for an empty request. */
  readonly request: number
  /** As Smack writes them. */
  readonly modes: string
}

const RECORD = /lsm=SMACK fn=(\S+) action=(denied|granted) subject=(\S+) object=(\S+)(?: requested=(\S+))?/

/**
 * Records of Smack in text as the kernel and `--audit` write it: plain lines, or lines of JSON that hold them. Lines
 * of anything else are passed over, and so is a fault that is no access (`labels_differ`).
 */
export const loggedAccesses = (text: string): LoggedAccess[] => {
  const accesses: LoggedAccess[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const [, fn, action, subject, object, requested] = RECORD.exec(textOf(line)) ?? []
    if (requested === undefined) continue
    const request = parseModes(requested)
    accesses.push({
      line: i + 1,
      fn: fn!,
      action: action as LoggedAccess['action'],
      subject: labelOf(subject!),
      object: labelOf(object!),
      request,
      modes: modesText(request),
    })
  }
  return accesses
}

/** The record of a line of JSON, or the line. */
const textOf = (line: string): string => {
  if (!line.startsWith('{')) return line
  try {
    const { text } = JSON.parse(line) as { text?: unknown }
    return typeof text === 'string' ? text : line
  } catch {
    return line
  }
}

/** `"A"`, or hexadecimal when the kernel did not dare to quote it. */
const labelOf = (text: string): string =>
  text.startsWith('"')
    ? text.slice(1, -1)
    : text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
