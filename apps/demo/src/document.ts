/** The tour as one JSON document: what `--json` prints, and all that the text is made of. */
import { AUDIT_AVC } from '@lsmkit/abi'
import { kernelText, toJson } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import type { ServerAttack } from './attacked-server.ts'
import type { DetectorEvent } from './bpf-objects.ts'
import type { Cost } from './cost.ts'
import type { HookCounts } from './hook-counts.ts'
import type { Learning } from './learning.ts'
import type { Outcome } from './outcome.ts'
import type { PolicyReasons } from './policy-reasons.ts'
import { rows } from './tour-column.ts'
import type { ColumnMachine, ColumnResult, Matrix } from './tour-column.ts'

/** What was measured, with the machines that it was measured on. */
export interface Tour {
  readonly machines: readonly ColumnMachine[]
  readonly matrix: Matrix
  /** By machine. */
  readonly servers: readonly ServerAttack[]
  /** Of the last machine: what its visitor's system calls asked. */
  readonly hooks: HookCounts
  readonly costs: readonly Cost[]
  /** SELinux ran on a policy that is not the tour's. */
  readonly foreignPolicy: boolean
  /** By the title of a column with SELinux: why that policy let root do what it did. None of the tour's policy. */
  readonly reasons: ReadonlyMap<string, PolicyReasons>
  /** Where all is told. */
  readonly learning?: Learning
}

/** Grows when a reader of the older document would be wrong. */
const SCHEMA = 2

export interface TourDocument {
  readonly schema: number
  readonly foreignPolicy: boolean
  readonly attempts: readonly { readonly id: string; readonly title: string }[]
  readonly subjects: readonly { readonly id: string; readonly title: string }[]
  readonly columns: readonly ColumnDocument[]
  /** By system call, of a visit to the last column. */
  readonly hooks: Readonly<Record<string, CallDocument>>
  /** Of `--full` and `--json`. */
  readonly learning?: Learning
}

export interface ColumnDocument {
  readonly title: string
  readonly cmdline: string
  /** null: security is off. */
  readonly lsms: readonly string[] | null
  readonly boot: readonly string[]
  /** As init reads it in /proc/self/attr/current; null where no LSM has labels for tasks. */
  readonly initLabel: string | null
  readonly cost: Cost
  /** What became of the attack on a web server. */
  readonly server: ServerAttack
  /** In the order of `subjects`. */
  readonly runs: readonly RunDocument[]
  /** Under a policy that is not the tour's: why it let the first subject do what it did. */
  readonly policy?: PolicyReasons
}

export interface RunDocument {
  readonly work: string
  /** As Ruby's script reads it in its own attr/current, or init where it may not; and of the C program. */
  readonly label: string | null
  readonly toolLabel: string | null
  /** By attempt; none for what makes no sense in the column. */
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** As the kernel words them: the first record of each pair of hook and LSM, and of each pair of target and right. */
  readonly denials: readonly string[]
  readonly avcs: readonly string[]
  /** Every record, in the last column alone. */
  readonly audit?: readonly object[]
  /** What the detector told, where it was attached. */
  readonly events?: readonly DetectorEvent[]
}

interface CallDocument {
  readonly calls: number
  readonly hooks: Readonly<Record<string, number>>
}

export const tourDocument = (
  { machines, matrix, servers, hooks, costs, foreignPolicy, reasons, learning }: Tour,
): TourDocument => ({
  schema: SCHEMA,
  foreignPolicy,
  ...(learning === undefined ? {} : { learning }),
  attempts: rows.map(({ id, title }) => ({ id, title })),
  subjects: [...matrix.keys()].map(({ id, title }) => ({ id, title })),
  columns: machines.map(({ column, stack, bootLog, initLabel }, i) => ({
    title: column.title,
    cmdline: column.cmdline,
    lsms: stack?.names ?? null,
    boot: bootLog,
    initLabel,
    cost: costs[i]!,
    server: servers[i]!,
    runs: [...matrix.values()].map((results) => ({
      ...runDocument(results[i]!),
      ...(column.objects === undefined ? {} : { events: results[i]!.events }),
      ...(i < machines.length - 1 ? {} : { audit: results[i]!.denials.map(toJson) }),
    })),
    ...(reasons.has(column.title) ? { policy: reasons.get(column.title)! } : {}),
  })),
  hooks: Object.fromEntries(
    [...hooks].map(([name, { calls, hooks: asked }]) => [name, { calls, hooks: Object.fromEntries(asked) }]),
  ),
})

const runDocument = ({ work, label, toolLabel, outcomes, denials }: ColumnResult): RunDocument => ({
  work,
  label,
  toolLabel,
  outcomes: Object.fromEntries(outcomes),
  denials: firstOfEach(denials, (record) => (record.kind === 'denial' ? `${record.hook} ${record.lsm}` : null)),
  avcs: firstOfEach(denials, avcKey),
})

/** null for what is no refusal of SELinux. */
const avcKey = (record: AuditRecord): string | null => {
  if (record.kind !== 'text' || record.type !== AUDIT_AVC || record.lsm !== 'selinux') return null
  const { tcontext, tclass, permissions } = record.details ?? {}
  return `${tcontext} ${tclass} ${permissions}`
}

/** The text of the first record that has a key, for each key. */
const firstOfEach = (records: readonly AuditRecord[], keyOf: (record: AuditRecord) => string | null): string[] => {
  const first = new Map<string, AuditRecord>()
  for (const record of records) {
    const key = keyOf(record)
    if (key !== null && !first.has(key)) first.set(key, record)
  }
  return [...first.values()].map(kernelText)
}
