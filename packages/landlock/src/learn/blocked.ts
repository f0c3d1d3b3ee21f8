/** Refusals of Landlock in a log: the framework's own records, and the kernel's from ABI 7 on. */
import { fieldsOf, loggedDecisions, logLines, trusted } from '@lsmkit/core/audit-log'

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
export const readBlocked = (log: string): BlockedRecord[] => {
  const own = ofFramework(log)
  return own.length > 0 ? own : ofKernel(log)
}

const ofFramework = (log: string): BlockedRecord[] =>
  loggedDecisions(log).flatMap(({ line, kind, lsm, comm, fields }) => {
    const blockers = fields.get('blockers')
    if (lsm !== 'landlock' || kind === 'allow' || blockers === undefined) return []
    const port = portOf(fields.get('dest')) ?? portOf(fields.get('src') ?? fields.get('source'))
    return [{ line, blockers: blockers.split(','), path: fields.get('path') ?? null, port, comm }]
  })

const ofKernel = (log: string): BlockedRecord[] => {
  const records: BlockedRecord[] = []
  for (const { line, text } of logLines(log)) {
    const blockers = /\bdomain=[\da-f]+ blockers=([\w.,]+)/.exec(text)?.[1]
    if (blockers === undefined) continue
    const fields = fieldsOf(text)
    const port = portOf(fields.get('dest')) ?? portOf(fields.get('src'))
    const [path, comm] = [trusted(fields.get('path')), trusted(fields.get('comm')) ?? '']
    records.push({ line, blockers: blockers.split(','), path, port, comm })
  }
  return records
}
