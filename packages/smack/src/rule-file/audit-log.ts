/** Accesses in an audit log, to ask them of other rules or to learn rules from them. */
import { fieldsOf, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LogText } from '@lsmkit/core/policy/audit-log'
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
  readonly comm: string | null
  /** `path=`, else `name=`. */
  readonly path: string | null
}

const RECORD = /lsm=SMACK fn=(\S+) action=(denied|granted) subject=(\S+) object=(\S+)(?: requested=(\S+))?/

/**
 * Records of Smack in text as the kernel and `--audit` write it: plain lines, or lines of JSON that hold them. Lines of
 * anything else are passed over, and so is a fault that is not an access (`labels_differ`).
 */
export const loggedAccesses = (log: LogText): LoggedAccess[] => [...accessesIn(log)]

/** The same, each when it is asked for. */
export function* accessesIn(log: LogText): Generator<LoggedAccess> {
  for (const { line, text: record } of logLines(log)) {
    const found = RECORD.exec(record)
    const [, fn, action, subject, object, requested] = found ?? []
    if (found === null || requested === undefined) continue
    const request = parseModes(requested)
    const fields = fieldsOf(record.slice(found.index + found[0].length))
    yield {
      line,
      fn: fn!,
      action: action as LoggedAccess['action'],
      subject: labelOf(subject!),
      object: labelOf(object!),
      request,
      modes: modesText(request),
      comm: trusted(fields.get('comm')),
      path: trusted(fields.get('path')) ?? trusted(fields.get('name')),
    }
  }
}

/** `"A"`, or hexadecimal when the kernel did not dare to quote it. */
const labelOf = (text: string): string =>
  text.startsWith('"')
    ? text.slice(1, -1)
    : text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
