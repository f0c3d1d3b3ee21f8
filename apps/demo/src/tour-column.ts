/** One column of the matrix: a machine of its own, every subject on it, and a program attached while Ruby runs. */
import type { BpfLsm } from '@lsmkit/bpf'
import type { AuditRecord, Link, Stack } from '@lsmkit/core'
import {
  attempts, capraiseAttempts, execAttempt, REPORT, TOOL, toolAttempts, visitScript,
} from './attempts.ts'
import { bootLog } from './boot-log.ts'
import { loadObjects, RULE } from './bpf-objects.ts'
import type { AttachedObjects, DetectorEvent } from './bpf-objects.ts'
import { countHooks } from './hook-counts.ts'
import type { HookCounts } from './hook-counts.ts'
import { labelOfTask } from './labels.ts'
import type { Outcome } from './outcome.ts'
import type { Programs } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { compose } from './stacks.ts'
import type { Column } from './stacks.ts'
import type { TourSubject } from './subjects.ts'
import { bootSystem, SCRIPT } from './system.ts'
import type { System } from './system.ts'
import { tryToExecute, visit } from './visit.ts'

/** Attempts in the order of the matrix. */
export const rows = [...attempts, ...toolAttempts, execAttempt, ...capraiseAttempts]

export interface ColumnMachine {
  readonly column: Column
  readonly stack: Stack | null
  readonly bpf: BpfLsm | null
  readonly system: System
  readonly bootLog: readonly string[]
  /** The text of init's /proc/1/attr/current; null if no LSM has labels for tasks. */
  readonly initLabel: string | null
}

export const bootColumn = (column: Column, programs: Programs, policy: SelinuxPolicy): ColumnMachine => {
  const from = performance.now()
  const composition = compose(column, policy)
  const { stack, bpf } = composition
  const tried = column.objects === undefined ? attempts : [...attempts, ...toolAttempts]
  const scripts = { [SCRIPT]: visitScript(tried) }
  const system = bootSystem(composition, policy, scripts, programs)
  const log = bootLog(column, stack, system, performance.now() - from)
  const initLabel = labelOfTask(system.kernel, system.kernel.init.pid)
  return { column, stack, bpf, system, bootLog: log, initLabel }
}

export interface ColumnResult {
  /** By attempt; none for what makes no sense in this column. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly work: string
  readonly label: string | null
  readonly toolLabel: string | null
  readonly denials: readonly AuditRecord[]
  readonly hooks: HookCounts
  /** The detector's events while it was attached. */
  readonly events: readonly DetectorEvent[]
}

/** Everything one subject tries on the machine. Hooks are counted only when asked for: it makes every call slower. */
export const tourSubject = (
  { column, stack, bpf, system }: ColumnMachine, subject: TourSubject, { counting = false } = {},
): ColumnResult => {
  const counter = counting ? countHooks(stack) : null
  let link: Link | null = null
  let objects: AttachedObjects | null = null
  let events: readonly DetectorEvent[] = []
  const attach = (id: string): void => {
    if (stack === null) return
    if (column.program !== undefined && id === REPORT.attached) link = stack.attach('file_open', column.program)
    if (id === REPORT.after) link?.detach()
    if (bpf !== null && id === TOOL.attached) objects = loadObjects(bpf, stack, system.kernel.init).attach()
    if (id === TOOL.after) events = objects?.detach() ?? []
  }
  stack?.audit.clear()
  const { outcomes, work, label, toolLabel } = visit(system, stack, subject, {
    onBegin: attach, ...(counter === null ? {} : { enter: counter.enter }),
  })
  counter?.stop()
  const kept = new Map(column.program === undefined ? withoutProgram(outcomes) : outcomes)
  if (bpf !== null && stack !== null) {
    const again = loadObjects(bpf, stack, system.kernel.init).attach()
    again.obey(RULE.execWritable)
    kept.set(execAttempt.id, tryToExecute(system, stack, subject))
    events = [...events, ...again.detach()]
  }
  const [denials, hooks] = [stack?.audit.records ?? [], counter?.counts ?? new Map()]
  return { outcomes: kept, work, label, toolLabel, denials, hooks, events }
}

/** Nothing was attached: those attempts say nothing. */
const withoutProgram = (outcomes: ReadonlyMap<string, Outcome>): ReadonlyMap<string, Outcome> =>
  new Map([...outcomes].filter(([id]) => id !== REPORT.attached && id !== REPORT.after))
