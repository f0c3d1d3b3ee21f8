/** Calls that do not wait: the caller learns at once how far the call has come, and later of each change. */
import type { Import } from '../../guard.ts'
import { callLifted } from '../calls.ts'
import type { Lifted } from '../calls.ts'
import type { Callee } from '../callee.ts'
import type { ComponentValue, Word } from '../scalars.ts'
import { Transfer } from '../transfer.ts'
import { store } from '../values.ts'
import { liftParams, Words } from '../words.ts'
import { callAsync, GIVEN_UP } from './task.ts'
import type { Answer, Scheduler } from './task.ts'
import { STATE, Subtask } from './waitable.ts'

/** More words than these go through memory. */
const MOST_TAKEN = 4

export const loweredAsync = (
  scheduler: Scheduler, callee: Callee, of: Lifted,
): Import => (...words: Word[]): number => {
  callee.leaves()
  const { params, tuple, result } = of.signature()
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
  if (of.isAsyncType) {
    const task = callAsync(scheduler, of, start, resolve)
    subtask.cancel = () => void (task.cancel = 'asked')
  } else resolve(callLifted(of, of.core, start()) as ComponentValue | undefined)
  if (subtask.isResolved) {
    subtask.deliver()
    return STATE.returned
  }
  subtask.index = callee.instance.handles.put(subtask) || callee.trap('too many handles')
  return subtask.state + subtask.index * 16
}
