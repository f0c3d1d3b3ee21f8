/** Decisions as lines for other tools: as they are, flat, or as events of OCSF and OpenTelemetry by `@lsmkit/otel`. */
import type { Subject } from '@lsmkit/core'
import type { DecisionRecord } from '@lsmkit/fleet'
import type { Chosen } from './decision-source.ts'
import { optionalPackage } from './optional-package.ts'

export type LineFormat = 'jsonl' | 'fields' | 'ocsf' | 'otel'

type TelemetryRecord = Exclude<DecisionRecord, { readonly kind: 'host' }>

/** The part of `@lsmkit/otel` that is used. */
interface Otel {
  readonly ocsfOf: (record: TelemetryRecord) => object
  readonly logOf: (record: TelemetryRecord) => { readonly attributes?: object }
}

const NOBODY: Subject = {
  pid: 0, tid: 0, comm: '', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0xffffffff, ses: 0xffffffff,
  label: null,
}

/** A refusal of a host, which has no record of a module, as one. */
const telemetryOf = (record: DecisionRecord): TelemetryRecord => (record.kind !== 'host' ? record : {
  kind: 'denial', serial: 0, time: record.time, hook: 'socket_connect', lsm: 'hosts', rc: record.rc, subject: NOBODY,
  object: null, args: {}, reason: record.why, details: { host: record.host, port: record.port },
})

/** The answer makes one line. Throws CommandError where a package is missing. */
export const decisionLines = async (format: LineFormat): Promise<(chosen: Chosen) => string> => {
  if (format === 'jsonl') return ({ decision }) => JSON.stringify(decision)
  if (format === 'fields') return ({ fields }) => JSON.stringify(fields)
  const { ocsfOf, logOf } = await optionalPackage<Otel>('@lsmkit/otel', `--format ${format}`, '@opentelemetry/api')
  if (format === 'ocsf') {
    return ({ decision: { host, serial, record } }) =>
      JSON.stringify({ ...ocsfOf(telemetryOf(record)), device: { hostname: host, type_id: 0 }, unmapped: { serial } })
  }
  return ({ decision: { host, serial, bundle, source, record } }) => {
    const log = logOf(telemetryOf(record))
    return JSON.stringify({ ...log, attributes: {
      ...log.attributes, 'host.name': host, 'lsmkit.fleet.serial': serial, 'lsmkit.fleet.source': source,
      ...(bundle === null ? {} : { 'lsmkit.fleet.bundle': bundle }),
    } })
  }
}
