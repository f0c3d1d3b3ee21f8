/** Refusals of Landlock in a log: the framework's own records, and the kernel's from ABI 7 on. */
import { fieldsOf, loggedDecision, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LogLine, LogText } from '@lsmkit/core/policy/audit-log'

export interface BlockedRecord {
  /** Line of the log, from 1. */
  readonly line: number
  /** As audit records name them: `fs.read_file`, `net.connect_tcp`, `scope.signal`, `ptrace`. */
  readonly blockers: readonly string[]
  readonly path: string | null
  /** Of a refused port. */
  readonly port: number | null
  readonly comm: string
}

const portOf = (text: string | null | undefined): number | null =>
  text !== null && text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 0xffff ? Number(text) : null

/**
 * `type=LSM_DENIED … lsm=landlock … blockers="fs.read_file" path="/etc/f"` and its JSON, and where a log has none of
 * those, `type=UNKNOWN[1423] … domain=1a blockers=fs.read_file path="/etc/f"`. Our ABI 7 writes both for one refusal.
 */
export const readBlocked = (log: LogText): BlockedRecord[] => [...blockedIn(log)]

/** The same, each when it is asked for. Lines of a log without records of the framework are asked for twice. */
export function* blockedIn(log: LogText): Generator<BlockedRecord> {
  let isOwn = false
  for (const line of logLines(log)) {
    const record = ofFramework(line)
    if (record === null) continue
    isOwn = true
    yield record
  }
  if (!isOwn) yield* ofKernel(log)
}

const ofFramework = (of: LogLine): BlockedRecord | null => {
  const decision = loggedDecision(of)
  if (decision === null) return null
  const { line, kind, lsm, comm, fields } = decision
  const blockers = fields.get('blockers')
  if (lsm !== 'landlock' || kind === 'allow' || blockers === undefined) return null
  const port = portOf(fields.get('dest')) ?? portOf(fields.get('src') ?? fields.get('source'))
  return { line, blockers: blockers.split(','), path: fields.get('path') ?? null, port, comm }
}

function* ofKernel(log: LogText): Generator<BlockedRecord> {
  for (const { line, text } of logLines(log)) {
    const blockers = /\bdomain=[\da-f]+ blockers=([\w.,]+)/.exec(text)?.[1]
    if (blockers === undefined) continue
    const fields = fieldsOf(text)
    const port = portOf(fields.get('dest')) ?? portOf(fields.get('src'))
    const [path, comm] = [trusted(fields.get('path')), trusted(fields.get('comm')) ?? '']
    yield { line, blockers: blockers.split(','), path, port, comm }
  }
}
