/** The input of learning and simulation: an audit log, or the records of a scenario that is run permissive. */
import { logLines } from '@lsmkit/core/policy/audit-log'
import type { LogText } from '@lsmkit/core/policy/audit-log'
import { isScenario, runScenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { placeOf } from '../../reporting.ts'
import { factoriesOf } from '../scenario/factories.ts'
import { scenariosOf } from '../scenario/files.ts'
import { HostLog } from './host-log.ts'
import { isRunResult } from './host-records.ts'

export interface LogInput {
  readonly name: string
  readonly log: LogText
  /** Where a line of the log stands, or the step that made it. */
  place(line: number): { readonly file: string; readonly line?: number }
}

/** A record of any kind, in text or JSON: what a scenario never has. */
const isRecord = ({ text, json }: { text: string; json: object | null }): boolean =>
  /\bavc:\s|\blsm=\w|\bapparmor="|\baudit\(|type=[A-Z_]+ /.test(text) ||
  (json !== null && (('kind' in json && 'serial' in json) || isRunResult(json)))

export const isLog = (log: LogText): boolean => {
  for (const line of logLines(log)) if (isRecord(line)) return true
  return false
}

/** A list of the records looked for in a log, for a hint when there are none. */
export const LOOKED_FOR = 'looked for `avc:  denied` (SELinux), `lsm=SMACK`, `apparmor="DENIED"`, ' +
  '`type=LSM_DENIED` or `LSM_WOULD_DENY`, the JSON of `lsm run --audit`, and that of `lsm sandbox --json`'

const isEmpty = (log: LogText): boolean => {
  for (const _line of logLines(log)) return false
  return true
}

/** A log or a scenario, to be read as one or the other. An empty one is hardly what its user wanted: an error. */
export const openRecorded = (io: Io, name: string): HostLog => {
  const log = new HostLog(io, name)
  if (!isEmpty(log)) return log
  throw new CommandError('badInput', `${name === '-' ? 'stdin' : `\`${name}\``} is empty: there is no record in it`,
    'nothing was refused in the run, or the records went elsewhere: `lsm run --audit FILE` writes them')
}

export const logInput = (name: string, log: LogText): LogInput =>
  ({ name, log, place: (line) => ({ file: name, line }) })

/** A result that is written over many lines, on one; null for anything else. */
const resultIn = (text: string): string | null => {
  if (!text.trimStart().startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return isRunResult(value as object) ? JSON.stringify(value) : null
  } catch {
    return null
  }
}

/** Throws ScenarioError for a scenario that is wrong, and CommandError for what is neither. */
export const readLog = (io: Io, name: string): LogInput => {
  const log = openRecorded(io, name)
  if (isLog(log)) return logInput(name, log)
  const text = log.text()
  const result = resultIn(text)
  if (result !== null) return logInput(name, [result])
  if (isScenario(text)) return recorded(io, name, text)
  throw new CommandError('badInput', `\`${name}\` is not an audit log or a scenario`, LOOKED_FOR)
}

/** All modules are permissive, so that what follows a refusal is seen too. */
const recorded = (io: Io, name: string, text: string): LogInput => {
  const factories = factoriesOf(io)(name)
  const lines: string[] = []
  const places: string[] = []
  for (const scenario of scenariosOf(text, name)) {
    for (const { audit, place } of runScenario({ ...scenario, permissive: scenario.lsms }, factories).steps) {
      for (const record of audit) {
        lines.push(record)
        places.push(place)
      }
    }
  }
  return { name, log: lines, place: (at) => placeOf(places[at - 1] ?? name) }
}
