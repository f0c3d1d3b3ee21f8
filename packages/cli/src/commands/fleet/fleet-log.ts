/** Decisions of a fleet as a log: what learning and simulation read of other logs, they read of all hosts. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AUDIT_AVC } from '@lsmkit/abi'
import { jsonLine } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import type { FleetDecision } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted } from '../../output.ts'
import { HostLog } from '../learn/host-log.ts'
import type { LogInput } from '../learn/log-input.ts'
import { withDecisions } from './decision-source.ts'
import type { Account, SourceFlags } from './decision-source.ts'

/** Without these a record does not say any more what was asked. */
const NEEDED = new Set(['path', 'arguments', 'label', 'peer'])

const hostLine = ({ serial, record }: FleetDecision): string => {
  if (record.kind !== 'host') return ''
  const { host, port, rc, time, why } = record
  return JSON.stringify({
    schema: 1, kind: 'denial', time: new Date(time).toISOString(), serial, lsm: 'hosts', hook: 'socket_connect', rc,
    reason: why, details: { host, port },
  })
}

const textLine = ({ serial, record }: FleetDecision, text: string): string => jsonLine({
  kind: 'text', serial, time: record.time, lsm: 'lsm' in record ? record.lsm : '', type: AUDIT_AVC, text, details: null,
})

/** The lines of one decision: the module's own texts, and the record. None for a refusal that no policy makes. */
const linesOf = (decision: FleetDecision): string[] => {
  const { record, texts } = decision
  if (record.kind === 'call') return []
  if (record.kind === 'host') return [hostLine(decision)]
  return [...texts.map((text) => textLine(decision, text)), jsonLine(record satisfies AuditRecord)]
}

/** Lines of the log in a file of ours, and which host each is of. */
class LogFile {
  readonly path: string
  readonly #fd: number
  readonly #hosts: string[] = []
  readonly #hostOf: number[] = []
  masked = 0
  /** Refusals of modes, mounts and filters of calls. */
  others = 0

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'lsm-fleet-log-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    this.path = join(folder, 'log.jsonl')
    this.#fd = openSync(this.path, 'wx', 0o600)
  }

  add(decision: FleetDecision): void {
    if (decision.masked.some((name) => NEEDED.has(name))) {
      this.masked += 1
      return
    }
    const lines = linesOf(decision)
    if (lines.length === 0) this.others += 1
    if (this.#hosts.at(-1) !== decision.host) this.#hosts.push(decision.host)
    for (const line of lines) {
      writeSync(this.#fd, `${line}\n`)
      this.#hostOf.push(this.#hosts.length - 1)
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  get length(): number {
    return this.#hostOf.length
  }

  hostOf(line: number): string {
    return this.#hosts[this.#hostOf[line - 1] ?? -1] ?? 'fleet'
  }
}

const noteUnasked = (io: Io, file: LogFile, account: Account): void => {
  io.note(`${counted(account.decisions, 'decision')} of ${counted(account.hosts.size, 'host')}`)
  const parts = [
    ...(file.masked > 0 ? [`${counted(file.masked, 'decision')} masked`] : []),
    ...(file.others > 0 ? [`${counted(file.others, 'refusal')} that no module made`] : []), ...account.lines(),
  ]
  for (const part of parts) io.note(`could not ask: ${part}`)
}

/** Notes what cannot be asked about. Throws CommandError where there is nothing left. */
export const fleetLog = (io: Io, flags: SourceFlags): Promise<LogInput> =>
  withDecisions(io, '', flags, async ({ chosen, account }) => {
    const file = new LogFile()
    try {
      for await (const { decision } of chosen) file.add(decision)
    } finally {
      file.close()
    }
    noteUnasked(io, file, account)
    if (file.length === 0) throw new CommandError('badInput', `\`${flags.store}\` has no decisions to ask about`)
    return {
      name: flags.store, log: new HostLog(io, file.path),
      place: (line) => ({ file: file.hostOf(line), line }),
    }
  })
