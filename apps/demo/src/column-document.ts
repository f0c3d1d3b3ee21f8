/** The findings under one stack, as plain data: from the boot of its kernel to the attack on its web server. */
import { AUDIT_AVC } from '@lsmkit/abi'
import { kernelText, toJson } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import { attackServer } from './attacked-server.ts'
import type { ColumnFindings, RunDocument, TourDocument } from './document.ts'
import type { HookCounts } from './hook-counts.ts'
import { policyReasoner } from './policy-reasons.ts'
import { readPrograms } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import { subjects } from './subjects.ts'
import { bootColumn, tourSubject } from './tour-column.ts'
import type { ColumnMachine, ColumnResult } from './tour-column.ts'

export interface ColumnVisit {
  readonly findings: ColumnFindings
  /** Of the last subject in the last column; of the others none. */
  readonly hooks: TourDocument['hooks']
}

/** The `i`-th of `columns(lsms)`: a kernel of its own, every subject on it, and another for the server. */
export const visitColumn = async (
  lsms: readonly string[] | null, i: number, policy: SelinuxPolicy,
): Promise<ColumnVisit> => {
  const all = columns(lsms)
  const [column, isLast] = [all[i]!, i === all.length - 1]
  const machine = bootColumn(column, readPrograms(), policy)
  const results = subjects.map((subject) =>
    tourSubject(machine, subject, { counting: isLast && subject === subjects.at(-1) }))
  const findings: ColumnFindings = {
    title: column.title,
    cmdline: column.cmdline,
    lsms: machine.stack?.names ?? null,
    boot: machine.bootLog,
    initLabel: machine.initLabel,
    server: await attackServer(column, policy),
    runs: results.map((result) => ({
      ...runDocument(result),
      ...(column.objects === undefined ? {} : { events: result.events }),
      ...(isLast ? { audit: result.denials.map(toJson) } : {}),
    })),
    ...(policy.foreign && showsDomains(machine)
      ? { policy: policyReasoner(policy.binary)(machine, results[0]!) }
      : {}),
  }
  return { findings, hooks: callDocuments(results.at(-1)!.hooks) }
}

/** SELinux's labels are what attr/current shows: where Smack is too, it has that file. */
const showsDomains = ({ stack }: ColumnMachine): boolean =>
  stack !== null && stack.names.includes('selinux') && !stack.names.includes('smack')

const callDocuments = (hooks: HookCounts): TourDocument['hooks'] =>
  Object.fromEntries([...hooks].map(([name, { calls, hooks: asked }]) =>
    [name, { calls, hooks: Object.fromEntries(asked) }]))

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
