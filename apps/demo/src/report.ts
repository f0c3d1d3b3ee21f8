/** The tour as text and as JSON. */
import { AUDIT_AVC } from '@lsmkit/abi'
import { kernelText, toJson } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import type pc from 'picocolors'
import type { DetectorEvent } from './bpf-objects.ts'
import { PASSES } from './cost.ts'
import type { Cost } from './cost.ts'
import type { HookCounts } from './hook-counts.ts'
import { matrixLines } from './matrix.ts'
import { rows } from './tour-column.ts'
import type { ColumnMachine, ColumnResult, Matrix } from './tour-column.ts'

export type Colors = ReturnType<typeof pc.createColors>

export interface Tour {
  readonly machines: readonly ColumnMachine[]
  readonly matrix: Matrix
  /** Of the last machine: what its visitor's system calls asked. */
  readonly hooks: HookCounts
  readonly costs: readonly Cost[]
}

export const printTour = (tour: Tour, print: (line: string) => void, colors: Colors): void => {
  const section = (title: string, lines: readonly string[]): void => {
    print('')
    print(colors.bold(title))
    for (const line of lines) print(line)
  }
  const { machines, matrix } = tour
  const last = machines.at(-1)!
  const results = [...matrix.values()]
  section(`Boot of ${last.column.title}`, last.bootLog.map((line) => colors.dim(line)))
  section('Honest work', [`  ${results.at(-1)!.at(-1)!.work}`])
  for (const [subject, columns] of matrix) section(`As ${subject.title}`, subjectLines(machines, columns, colors))
  section(`Audit of ${last.column.title}, a record for each hook that refused`,
    someDenials(results.flatMap((columns) => columns.at(-1)!.denials)).map((record) => `  ${kernelText(record)}`))
  for (const { column, stack } of machines) {
    if (stack?.names.includes('selinux') !== true) continue
    const records = results.flatMap((columns) => columns[machines.findIndex((one) => one.column === column)]!.denials)
    section(`AVC records of ${column.title}`, someAvcs(records).map((record) => `  ${kernelText(record)}`))
  }
  for (const [i, { column }] of machines.entries()) {
    const events = results.at(-1)![i]!.events
    if (column.objects !== undefined) section(`Told by the detector under ${column.title}`, eventLines(events))
  }
  section(`Hooks that each system call of a visit asks under ${last.column.title}`, hookLines(tour.hooks))
  section('Cost of work that is mostly system calls, as a ratio to security off', costLines(tour.costs))
  print(colors.dim(`  processor time; the medians and ranges of ${PASSES} passes in one process`))
}

const costLines = (costs: readonly Cost[]): string[] =>
  costs.map(({ title, ms, ratio, low, high }) => {
    const range = `${ratio.toFixed(2)} × (${low.toFixed(2)} to ${high.toFixed(2)})`
    return `  ${title.padEnd(29)} ${range}  ${ms.toFixed(1)} ms a round`
  })

const subjectLines = (machines: readonly ColumnMachine[], columns: readonly ColumnResult[], colors: Colors): string[] =>
  matrixLines(
    machines.map(({ column }) => column.title),
    rows.map(({ id, title }) => {
      const cells = columns.map(({ outcomes }) => outcomes.get(id) ?? null)
      return { title: `  ${title}`, cells }
    }),
    colors,
  )

/** The first record of each pair of hook and LSM. */
const someDenials = (records: readonly AuditRecord[]): readonly AuditRecord[] => {
  const seen = new Set<string>()
  return records.filter((record) => {
    if (record.kind !== 'denial') return false
    const key = `${record.hook} ${record.lsm}`
    return !seen.has(key) && seen.add(key)
  })
}

/** Refusals of SELinux: the first of each pair of target and permissions. */
const someAvcs = (records: readonly AuditRecord[]): readonly AuditRecord[] => {
  const seen = new Set<string>()
  return records.filter((record) => {
    if (record.kind !== 'text' || record.type !== AUDIT_AVC || record.lsm !== 'selinux') return false
    const { tcontext, tclass, permissions } = record.details ?? {}
    const key = `${tcontext} ${tclass} ${permissions}`
    return !seen.has(key) && seen.add(key)
  })
}

const eventLines = (events: readonly DetectorEvent[]): string[] =>
  events.map(({ kind, pid, comm, path }) => `  ${kind} ${path}  by ${comm} (pid ${pid})`)

const SHOWN_CALLS = 8

/** `openat2  42 calls, 7.5 hooks each: inode_permission 180, file_open 40`, the calls with most hooks first. */
const hookLines = (counts: HookCounts): string[] => {
  const sum = (hooks: ReadonlyMap<string, number>): number => [...hooks.values()].reduce((a, b) => a + b, 0)
  const busiest = [...counts].sort(([, a], [, b]) => sum(b.hooks) - sum(a.hooks)).slice(0, SHOWN_CALLS)
  return busiest.map(([name, { calls, hooks }]) => {
    const asked = [...hooks].sort(([, a], [, b]) => b - a).slice(0, 4).map(([hook, n]) => `${hook} ${n}`)
    const each = (sum(hooks) / calls).toFixed(1)
    const times = `${String(calls).padStart(4)} calls, ${each.padStart(5)} hooks each`
    return `  ${name.padEnd(14)} ${times}: ${asked.join(', ')}`
  })
}

/** Grows when a reader of the older document would be wrong. */
const SCHEMA = 1

export const tourJson = ({ machines, matrix, hooks, costs }: Tour): object => ({
  schema: SCHEMA,
  columns: machines.map(({ column, stack }) => ({ title: column.title, lsms: stack?.names ?? null })),
  matrix: [...matrix].flatMap(([{ id: subject }, columns]) =>
    rows.map(({ id }) => ({ subject, attempt: id, outcomes: outcomesJson(id, machines, columns) }))),
  boot: machines.at(-1)!.bootLog,
  audit: [...matrix.values()].flatMap((results) => results.at(-1)!.denials.map(toJson)),
  hooks: Object.fromEntries(
    [...hooks].map(([name, { calls, hooks: asked }]) => [name, { calls, hooks: Object.fromEntries(asked) }]),
  ),
  costs,
})

type Columns = readonly ColumnResult[]

const outcomesJson = (attempt: string, machines: readonly ColumnMachine[], columns: Columns): object[] =>
  columns.flatMap(({ outcomes }, i) => {
    const outcome = outcomes.get(attempt)
    return outcome === undefined ? [] : [{ column: machines[i]!.column.title, ...outcome }]
  })
