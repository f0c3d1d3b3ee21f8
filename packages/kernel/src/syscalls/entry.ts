/**
 * The boundary of system calls: sets `current`, runs the handler, and turns anything unexpected into -EACCES. However a
 * call ends, `current` is then who it was before: a sink, a driver or a program that makes calls as somebody else, in
 * the middle of a call, changes nothing of whose call that is.
 *
 * A call that would sleep answers -ERESTARTSYS (-512, never seen by programs) and has changed nothing, or answers the
 * part that was done: the host waits for the event and makes the same call again.
 */
import { EACCES, EINVAL, ENOSYS, dictionary } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { HandlerGroups, Handlers } from './handlers.ts'
import { syscallTable } from './table.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one wrapper serves every signature
type Handler = (...args: any[]) => number

/** `kernel.sys`: every call that is there takes the task that makes it, then its own arguments. */
export type SysCalls = {
  readonly [N in keyof Handlers]: (task: Task, ...args: Parameters<Handlers[N]>) => number
}

/** No register holds it: a fraction, NaN or Infinity is a mistake of whoever calls from JavaScript. */
const fitsNoRegister = (arg: unknown): boolean => typeof arg === 'number' && !Number.isInteger(arg)

/** A wrapper a number of arguments: nothing is spread or collected on the way of a call. */
const guard = (machine: Machine, name: string, handler: Handler): Handler => {
  const { current, gate } = machine
  const denied = (error: unknown): number => {
    machine.panic(name, error)
    return -EACCES
  }
  /** Somebody is in a seccomp mode, or looks on. Of the arguments those count that the call has. */
  const gated = (task: Task, given: readonly unknown[]): number => {
    const args = given.slice(0, handler.length)
    return gate.pass(task, name, args, () => handler(...args))
  }
  if (handler.length <= 1)
    return (task: Task, a: unknown) => {
      if (fitsNoRegister(a)) return -EINVAL
      const before = current.task
      current.task = task
      machine.depth++
      try {
        if (gate.on) return gated(task, [a])
        return handler(a)
      } catch (error) {
        return denied(error)
      } finally {
        current.task = before
        machine.endCall(task)
      }
    }
  if (handler.length <= 3)
    return (task: Task, a: unknown, b: unknown, c: unknown) => {
      if (fitsNoRegister(a) || fitsNoRegister(b) || fitsNoRegister(c)) return -EINVAL
      const before = current.task
      current.task = task
      machine.depth++
      try {
        if (gate.on) return gated(task, [a, b, c])
        return handler(a, b, c)
      } catch (error) {
        return denied(error)
      } finally {
        current.task = before
        machine.endCall(task)
      }
    }
  return (task: Task, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown) => {
    if (fitsNoRegister(a) || fitsNoRegister(b) || fitsNoRegister(c)) return -EINVAL
    if (fitsNoRegister(d) || fitsNoRegister(e) || fitsNoRegister(f)) return -EINVAL
    const before = current.task
    current.task = task
    machine.depth++
    try {
      if (gate.on) return gated(task, [a, b, c, d, e, f])
      return handler(a, b, c, d, e, f)
    } catch (error) {
      return denied(error)
    } finally {
      current.task = before
      machine.endCall(task)
    }
  }
}

/** Wraps all handlers once, at boot. */
/** Each call is copied once on its way from its group: a kernel boots through here. */
export const guardAll = (machine: Machine, groups: HandlerGroups): SysCalls => {
  const calls = dictionary<Handler>()
  for (const group of groups as readonly Readonly<Record<string, Handler>>[]) {
    for (const name of Object.keys(group)) calls[name] = guard(machine, name, group[name]!)
  }
  return calls as SysCalls
}

/**
 * By name, for hosts that take calls as data: an unknown or absent call answers -ENOSYS, and one that made no number of
 * its arguments denies.
 */
export const byName =
  (calls: SysCalls) =>
    (task: Task, name: string, ...args: unknown[]): number => {
      const call = Object.hasOwn(syscallTable, name) ? (calls as Readonly<Record<string, Handler>>)[name] : undefined
      if (call === undefined) return -ENOSYS
      const rc: unknown = call(task, ...args)
      return typeof rc === 'number' && !Number.isNaN(rc) ? rc : -EACCES
    }
