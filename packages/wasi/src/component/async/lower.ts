/** Calls that do not wait: the caller learns at once how far the call has come, and later of each change. */
import type { Import } from '../../guard.ts'
import type { Process } from '../../process.ts'
import { after, callLifted } from '../calls.ts'
import type { Lifted, Outside } from '../calls.ts'
import type { Callee } from '../callee.ts'
import type { ComponentValue, Word } from '../scalars.ts'
import { Transfer } from '../transfer.ts'
import type { Signature } from '../value-types.ts'
import { store } from '../values.ts'
import { liftParams, Words } from '../words.ts'
import { callAsync, GIVEN_UP } from './task.ts'
import type { Answer, Scheduler } from './task.ts'
import { STATE, Subtask } from './waitable.ts'

/** More words than these go through memory. */
const MOST_TAKEN = 4

/** Begins a call: `start` gives its arguments, `resolve` takes its answer. The answer asks the call to give up. */
export type Begin = (
  start: () => readonly ComponentValue[], resolve: (answer: Answer) => void,
) => Cancel | Promise<Cancel>
type Cancel = (() => void) | null

/** Begins a call of a component. */
export const beginLifted = (scheduler: Scheduler, of: Lifted): Begin => (start, resolve) => {
  if (!of.isAsyncType) {
    return after(callLifted(of, of.entered, start()), (answer) => (resolve(answer), null))
  }
  return after(callAsync(scheduler, of, start, resolve), (task): Cancel => () => void (task.cancel = 'asked'))
}

/** Begins a call of a function outside, which may answer later. */
export const beginOutside = (scheduler: Scheduler, process: Process, name: string, call: Outside): Begin =>
  (start, resolve) => {
    const answer = call(start())
    if (answer instanceof Promise) scheduler.whenSettled(process, name, answer, resolve)
    else resolve(answer)
    return null
  }

/** Begins a call and waits for its answer, while others go on. */
export const waitingFor = (scheduler: Scheduler, callee: Callee, begin: Begin): Outside => (args) => {
  let answer: { value: Answer } | null = null
  const begun = begin(() => args, (value) => void (answer = { value }))
  return after(after(begun, () => scheduler.waitUntil(callee, () => answer !== null)), () =>
    (answer as unknown as { value: ComponentValue | undefined }).value)
}

/** As `waitingFor`, where no code of the component is on the stack. */
export const comingFor = async (
  scheduler: Scheduler, callee: Callee, begin: Begin, args: readonly ComponentValue[],
): Promise<ComponentValue | undefined> => {
  let answer: { value: Answer } | null = null
  await begin(() => args, (value) => void (answer = { value }))
  await scheduler.untilCome(callee, () => answer !== null)
  return (answer as unknown as { value: ComponentValue | undefined }).value
}

export const loweredAsync = (
  callee: Callee, signature: () => Signature, begin: Begin,
): Import => (...words: Word[]): number | Promise<number> => {
  callee.leaves()
  const { params, tuple, result } = signature()
  const transfer = new Transfer(callee)
  const subtask = new Subtask(transfer)
  const start = (): readonly ComponentValue[] => {
    subtask.advance(STATE.started)
    return liftParams(transfer, params, tuple, new Words(words), MOST_TAKEN)
  }
  const resolve = (answer: Answer): void => {
    if (answer === GIVEN_UP) {
      const { state } = subtask
      return subtask.advance(state === STATE.starting ? STATE.cancelledBeforeStart : STATE.cancelledBeforeReturn)
    }
    if (result !== null) store(new Transfer(callee), result, answer ?? null, Number(words.at(-1)) >>> 0)
    subtask.advance(STATE.returned)
  }
  return after(begin(start, resolve), (cancel) => {
    subtask.cancel = cancel
    if (subtask.isResolved) {
      subtask.deliver()
      return STATE.returned
    }
    subtask.index = callee.instance.handles.put(subtask) || callee.trap('too many handles')
    return subtask.state + subtask.index * 16
  })
}
