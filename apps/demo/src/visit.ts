/** One subject on one machine: Ruby and the C program run, and every attempt gets its outcome. */
import { errnoName } from '@lsmkit/abi'
import type { Stack, Task } from '@lsmkit/core'
import { watchCalls } from '@lsmkit/cli'
import type { CallWatcher, SystemCall } from '@lsmkit/cli'
import type { Kernel } from '@lsmkit/kernel'
import { becomeWasi } from '@lsmkit/wasi'
import { capraiseArgs, capraiseAttempts } from './attempts.ts'
import { labelOfTask } from './labels.ts'
import { lineSink } from './line-sink.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { TourSubject } from './subjects.ts'
import { CAPRAISE, RUBY, SCRIPT } from './system.ts'
import type { System } from './system.ts'
import { HOME } from './tree.ts'

export interface Visit {
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Ruby's report of its honest work. */
  readonly work: string
  /**
   * The label that Ruby's script reads in /proc/self/attr/current, or init if it may not; null: there is nothing to
   * read.
   */
  readonly label: string | null
  /** The same of the C program, as init reads it. */
  readonly toolLabel: string | null
}

export interface VisitOptions {
  /** Called when an attempt begins, before its first system call. */
  readonly onBegin?: (id: string) => void
  readonly enter?: CallWatcher['enter']
}

type Told =
  | { readonly begin: string }
  | { readonly end: string; readonly errno: string | null }
  | { readonly label: string | null }
  | { readonly work: string }

/** Throws when a program does not come to its end: that is not a denial. */
export const visit = (
  { kernel, neighbour, bear }: System, stack: Stack | null, subject: TourSubject, { onBegin, enter }: VisitOptions = {},
): Visit => {
  const outcomes = new Map<string, Outcome>()
  let calls: SystemCall[] = []
  let work = ''
  let label: string | null = null
  let toolLabel: string | null = null
  const [ruby, tool] = [bear(subject.as), bear(subject.as)]
  const leave = (call: SystemCall): void => void calls.push(call)
  const watched = watchCalls(kernel, stack ?? { denial: null }, enter === undefined ? { leave } : { enter, leave })

  const hear = (line: string): void => {
    const told = JSON.parse(line) as Told
    if ('work' in told) work = told.work
    else if ('label' in told) label = told.label ?? labelOfTask(kernel, ruby.pid)
    else if ('begin' in told) {
      calls = []
      onBegin?.(told.begin)
    } else outcomes.set(told.end, outcomeOf(told.errno, calls))
  }
  run(watched, ruby, SCRIPT, [String(neighbour)], hear)

  const step = (line: string): void => {
    toolLabel ??= labelOfTask(kernel, tool.pid)
    const found = capraiseAttempts.find((attempt) => line.startsWith(`${attempt.line}: `))
    if (found !== undefined) {
      const answer = line.slice(found.line.length + 2)
      outcomes.set(found.id, outcomeOf(answer === 'ok' ? null : answer, calls))
    }
    calls = []
  }
  run(watched, tool, CAPRAISE, capraiseArgs, step, capraiseAttempts.length)
  return { outcomes, work, label, toolLabel }
}

/** An execve of Ruby itself, which lies on the root's file system. */
export const tryToExecute = ({ kernel, bear }: System, stack: Stack, subject: TourSubject): Outcome => {
  const calls: SystemCall[] = []
  const watched = watchCalls(kernel, stack, { leave: (call) => void calls.push(call) })
  const rc = watched.sys.execve(bear(subject.as), RUBY, ['ruby'], [])
  return outcomeOf(rc < 0 ? errnoName(rc) : null, calls)
}

/** `task` becomes the program; more than `mayFail` as its status is an error. */
export const run = (
  kernel: Kernel, task: Task, program: string, args: readonly string[], line: (text: string) => void, mayFail = 0,
): void => {
  let complaint = ''
  const { status, reason } = becomeWasi(kernel, task, {
    program,
    argv: [program, ...args],
    env: { HOME, PATH: '/usr/bin' },
    syscalls: true,
    stdin: '',
    stdout: lineSink(line),
    stderr: lineSink((text) => (complaint += `${text}\n`)),
  })
  if (status > mayFail) throw new Error(`${program} ended with ${status}: ${reason}\n${complaint}`)
}
