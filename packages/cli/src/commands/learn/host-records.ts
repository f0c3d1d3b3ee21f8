/** Hosts of recorded runs: refusals of an audit log, and the connections and denials of a result (`--json`). */
import { parseAddress } from '@lsmkit/sandbox/policy-parts'
import type { Hosts } from '@lsmkit/sandbox/policy-parts'
import { hostText } from '@lsmkit/sandbox/hosts'
import { logLines } from '@lsmkit/core/policy/audit-log'
import type { LogText, Replayed } from '@lsmkit/core/policy/audit-log'

/** A host that a run has connected to, or was refused. */
export interface HostRecord {
  readonly line: number
  readonly was: 'denied' | 'granted'
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  /** Where the name led; empty where the record does not say it. */
  readonly addresses: readonly string[]
  /** The request of HTTP that was refused; null for others, and where the record does not say it. */
  readonly ask: { readonly method: string; readonly path: string } | null
}

type Fields = Readonly<Record<string, unknown>>
const fieldsIn = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? value as Fields : {}
const listIn = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsIn) : [])
const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** The result of `lsm sandbox --json`, `box.run` or `box.sh`. */
export const isRunResult = (json: object | null): boolean => {
  const { connections, denials } = fieldsIn(json)
  return Array.isArray(connections) && Array.isArray(denials)
}

const recordOf = (line: number, was: HostRecord['was'], { host, port, protocol }: Fields): HostRecord | null =>
  (typeof host !== 'string' || typeof port !== 'number' ? null
    : { line, was, host, port, protocol: protocol === 'udp' ? 'udp' : 'tcp', addresses: [], ask: null })

/** The rule that would permit a denial says which request it was, or where the name led. */
const deniedIn = (line: number, denial: Fields): HostRecord | null => {
  if (denial['by'] !== 'hosts') return null
  const record = recordOf(line, 'denied', denial)
  const [rule] = listIn(fieldsIn(fieldsIn(denial['permit'])['allow'])['hosts'])
  const [method] = textsIn(rule?.['methods'])
  const [path] = textsIn(rule?.['paths'])
  if (record === null || rule === undefined) return record
  return method !== undefined && path !== undefined ? { ...record, ask: { method, path } }
    : { ...record, addresses: textsIn(rule['addresses']).filter((text) => parseAddress(text) !== null) }
}

const ofResult = (line: number, { connections, denials }: Fields): readonly (HostRecord | null)[] => [
  ...listIn(connections).map((connection) => {
    const record = recordOf(line, 'granted', connection)
    return record === null ? null : { ...record, addresses: textsIn(connection['addresses']) }
  }),
  ...listIn(denials).map((denial) => deniedIn(line, denial)),
]

const ofLine = (line: number, json: Fields): readonly (HostRecord | null)[] => {
  if (isRunResult(json)) return ofResult(line, json)
  const isDenial = json['kind'] === 'denial' || json['kind'] === 'would-deny'
  return json['lsm'] === 'hosts' && isDenial ? [recordOf(line, 'denied', fieldsIn(json['details']))] : []
}

export function* hostRecordsIn(log: LogText): Generator<HostRecord> {
  for (const { line, json } of logLines(log)) {
    if (json === null) continue
    for (const record of ofLine(line, json)) if (record !== null) yield record
  }
}

/** Why the hosts would refuse it; null if they would not. */
const refusalOf = (hosts: Hosts, { host, port, protocol, addresses, ask }: HostRecord): string | null => {
  const decision = hosts.decide({ host, port, protocol }, ask)
  if ('why' in decision) return decision.why
  if (addresses.length === 0) return null
  const led = hosts.lead(decision.rules, { host, port, protocol }, addresses)
  return 'why' in led ? led.why : null
}

/** Asks other rules about each record. A connection without its request is asked for as one of a socket. */
export function* replayedHosts(records: Iterable<HostRecord>, hosts: Hosts): Generator<Replayed> {
  for (const record of records) {
    const why = refusalOf(hosts, record)
    const { line, was, host, port, protocol, ask } = record
    const request = ask === null ? '' : `${ask.method} ${ask.path} of `
    yield {
      line, was, now: why === null ? 'granted' : 'denied',
      access: `connect to ${request}${hostText(host, port, protocol)}`, why: why ?? '',
    }
  }
}
