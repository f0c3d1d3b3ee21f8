/** What is learned from or simulated: an audit log, or the records of a scenario that is run permissive. */
import { logLines } from '@lsmkit/core/audit-log'
import { isScenario, runScenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { placeOf } from '../../reporting.ts'
import { factoriesOf } from '../scenario/factories.ts'
import { scenariosOf } from '../scenario/files.ts'

export interface LogInput {
  readonly name: string
  readonly text: string
  /** Where a line of the log stands, or the step that made it. */
  place(line: number): { readonly file: string; readonly line?: number }
}

/** A record of any kind, in text or JSON: what a scenario never has. */
const isRecord = ({ text, json }: { text: string; json: object | null }): boolean =>
  /\bavc:\s|\blsm=\w|\baudit\(|type=[A-Z_]+ /.test(text) || (json !== null && 'kind' in json && 'serial' in json)

export const isLog = (text: string): boolean => {
  for (const line of logLines(text)) if (isRecord(line)) return true
  return false
}

/** What is looked for in a log, for those who gave another file. */
export const LOOKED_FOR = 'looked for `avc:  denied` (SELinux), `lsm=SMACK`, `type=LSM_DENIED` or `LSM_WOULD_DENY`, ' +
  'and the JSON of `lsm run --audit`'

/** The text of a log or a scenario. An empty one is hardly what its user wanted, so it is no success. */
export const readRecorded = (io: Io, name: string): string => {
  const text = readHostText(io, name)
  if (text.trim() !== '') return text
  throw new CommandError('badInput', `${name === '-' ? 'stdin' : `\`${name}\``} is empty: there is no record in it`,
    'nothing was refused in the run, or the records went elsewhere: `lsm run --audit FILE` writes them')
}

/** Throws ScenarioError for a scenario that is wrong, and CommandError for what is neither. */
export const readLog = (io: Io, name: string): LogInput => {
  const text = readRecorded(io, name)
  if (isLog(text)) return { name, text, place: (at) => ({ file: name, line: at }) }
  if (isScenario(text)) return recorded(io, name, text)
  throw new CommandError('badInput', `\`${name}\` is no audit log and no scenario`, LOOKED_FOR)
}

/** All modules are permissive, so that what follows a refusal is seen too. */
const recorded = (io: Io, name: string, text: string): LogInput => {
  const factories = factoriesOf(io)
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
  return { name, text: lines.join('\n'), place: (at) => placeOf(places[at - 1] ?? name) }
}
