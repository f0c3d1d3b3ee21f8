/** One column of the matrix: a machine of its own, every subject on it, and a program attached while Ruby runs. */
import type { AuditRecord, Link, Stack } from '@lsmkit/core'
import { attempts, capraiseAttempts, REPORT, visitScript, workScript } from './attempts.ts'
import { bootLog } from './boot-log.ts'
import { countHooks } from './hook-counts.ts'
import type { HookCounts } from './hook-counts.ts'
import type { Outcome } from './outcome.ts'
import type { Programs } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { compose } from './stacks.ts'
import type { Column } from './stacks.ts'
import type { TourSubject } from './subjects.ts'
import { bootSystem, SCRIPT, WORK } from './system.ts'
import type { System } from './system.ts'
import { visit } from './visit.ts'

/** Attempts in the order of the matrix. */
export const rows = [...attempts, ...capraiseAttempts]

/** Rounds of honest work in one run. */
const ROUNDS = 15

export interface ColumnMachine {
  readonly column: Column
  readonly stack: Stack | null
  readonly system: System
  readonly bootLog: readonly string[]
}

export const bootColumn = (column: Column, programs: Programs, policy: SelinuxPolicy): ColumnMachine => {
  const from = performance.now()
  const { boot, stack } = compose(column, policy)
  const scripts = { [SCRIPT]: visitScript(), [WORK]: workScript(ROUNDS) }
  const system = bootSystem(boot, programs, scripts, policy)
  return { column, stack, system, bootLog: bootLog(column, stack, system, performance.now() - from) }
}

export interface ColumnResult {
  /** By attempt; none for what makes no sense in this column. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly work: string
  readonly denials: readonly AuditRecord[]
  readonly hooks: HookCounts
}

/** Everything one subject tries on the machine. Hooks are counted only when asked for: it makes every call slower. */
export const tourSubject = (
  { column, stack, system }: ColumnMachine, subject: TourSubject, { counting = false } = {},
): ColumnResult => {
  const counter = counting ? countHooks(stack) : null
  let link: Link | null = null
  const attach = (id: string): void => {
    if (column.program === undefined || stack === null) return
    if (id === REPORT.attached) link = stack.attach('file_open', column.program)
    if (id === REPORT.after) link?.detach()
  }
  stack?.audit.clear()
  const { outcomes, work } = visit(system, stack, subject, {
    onBegin: attach, ...(counter === null ? {} : { enter: counter.enter }),
  })
  counter?.stop()
  const kept = column.program === undefined ? withoutProgram(outcomes) : outcomes
  return { outcomes: kept, work, denials: stack?.audit.records ?? [], hooks: counter?.counts ?? new Map() }
}

/** Nothing was attached: those attempts say nothing. */
const withoutProgram = (outcomes: ReadonlyMap<string, Outcome>): ReadonlyMap<string, Outcome> =>
  new Map([...outcomes].filter(([id]) => id !== REPORT.attached && id !== REPORT.after))

export type Matrix = ReadonlyMap<TourSubject, readonly ColumnResult[]>
