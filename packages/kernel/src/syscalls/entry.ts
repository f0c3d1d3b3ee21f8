/**
 * The boundary of system calls: sets `current`, runs the call, and turns anything that is thrown into -EACCES. When a
 * call ends, `current` is what it was before: an audit sink, a driver or a program that makes calls as another task in
 * the middle of a call does not change the caller of that call.
 *
 * A call that would sleep answers -ERESTARTSYS (-512, which programs never see) and has changed nothing, or answers the
 * part that was done: the host waits for the event and makes the same call again.
 */
import { EACCES, EINVAL, ENOSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { tablesOf } from './call-table.ts'
import type { SysCall } from './call-table.ts'
import type { CallRow, Calls } from './calls.ts'

/** `kernel.sys`: each call takes the task that makes it, then its own arguments. */
export type SysCalls = {
  readonly [Name in keyof Calls]: Calls[Name] extends (machine: Machine, ...args: infer Args) => number
    ? (task: Task, ...args: Args) => number
    : never
}

/** A register holds integers only: a fraction, NaN or Infinity is a mistake of JavaScript code. */
const fitsNoRegister = (arg: unknown): boolean => typeof arg === 'number' && !Number.isInteger(arg)

const denied = (machine: Machine, name: string, error: unknown): number => {
  machine.panic(name, error)
  return -EACCES
}

/** A task is in a seccomp mode, or a watcher is on. Arguments that the call does not take are dropped. */
const gated = (machine: Machine, task: Task, { name, call, arity }: CallRow, given: readonly unknown[]): number => {
  const args = given.slice(0, arity)
  return machine.gate.pass(task, name, args, () => call(machine, ...args))
}

// One wrapper for each number of arguments, so that a call spreads and collects nothing.

const upToOne = (machine: Machine, row: CallRow): SysCall => {
  const { current, gate } = machine
  const { name, call } = row
  return (task: Task, a: unknown) => {
    if (fitsNoRegister(a)) return -EINVAL
    const before = current.task
    current.task = task
    machine.depth++
    try {
      if (gate.on) return gated(machine, task, row, [a])
      return call(machine, a)
    } catch (error) {
      return denied(machine, name, error)
    } finally {
      current.task = before
      machine.endCall(task)
    }
  }
}

const upToThree = (machine: Machine, row: CallRow): SysCall => {
  const { current, gate } = machine
  const { name, call } = row
  return (task: Task, a: unknown, b: unknown, c: unknown) => {
    if (fitsNoRegister(a) || fitsNoRegister(b) || fitsNoRegister(c)) return -EINVAL
    const before = current.task
    current.task = task
    machine.depth++
    try {
      if (gate.on) return gated(machine, task, row, [a, b, c])
      return call(machine, a, b, c)
    } catch (error) {
      return denied(machine, name, error)
    } finally {
      current.task = before
      machine.endCall(task)
    }
  }
}

const upToSix = (machine: Machine, row: CallRow): SysCall => {
  const { current, gate } = machine
  const { name, call } = row
  return (task: Task, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown) => {
    if (fitsNoRegister(a) || fitsNoRegister(b) || fitsNoRegister(c)) return -EINVAL
    if (fitsNoRegister(d) || fitsNoRegister(e) || fitsNoRegister(f)) return -EINVAL
    const before = current.task
    current.task = task
    machine.depth++
    try {
      if (gate.on) return gated(machine, task, row, [a, b, c, d, e, f])
      return call(machine, a, b, c, d, e, f)
    } catch (error) {
      return denied(machine, name, error)
    } finally {
      current.task = before
      machine.endCall(task)
    }
  }
}

const absent = (): number => -ENOSYS

const callOf = (machine: Machine, row: CallRow): SysCall => {
  const { arity, subsystem } = row
  const guarded = subsystem !== null && machine.without.has(subsystem) ? { ...row, call: absent } : row
  return (arity <= 1 ? upToOne : arity <= 3 ? upToThree : upToSix)(machine, guarded)
}

/** By the rows that kernels share. */
const tables = new WeakMap<readonly CallRow[], ReturnType<typeof tablesOf>>()

/** The calls of one machine. Those of a subsystem that it is built without answer -ENOSYS. */
export const sysCalls = (machine: Machine, rows: readonly CallRow[]): SysCalls => {
  let tableOf = tables.get(rows)
  if (tableOf === undefined) tables.set(rows, tableOf = tablesOf(rows.map(({ name }) => name)))
  return tableOf((_name, at) => callOf(machine, rows[at]!)) as SysCalls
}

/**
 * Calls by name, for hosts that take calls as data: an unknown or absent call answers -ENOSYS, and a call that cannot
 * turn its arguments into a number answers -EACCES.
 */
export const byName =
  (calls: SysCalls) =>
    (task: Task, name: string, ...args: unknown[]): number => {
      const call = (calls as Readonly<Record<string, SysCall | undefined>>)[name]
      if (call === undefined) return -ENOSYS
      const rc: unknown = call(task, ...args)
      return typeof rc === 'number' && !Number.isNaN(rc) ? rc : -EACCES
    }
