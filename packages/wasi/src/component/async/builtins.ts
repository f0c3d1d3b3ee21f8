/** The functions of the canonical ABI for tasks, subtasks, sets to wait for, streams, futures and error contexts. */
import type { Import } from '../../guard.ts'
import type { Callee } from '../callee.ts'
import { after } from '../calls.ts'
import type { Builtin } from '../parts.ts'
import { placeText, readText } from '../strings.ts'
import { Transfer } from '../transfer.ts'
import type { Signature, ValueType } from '../value-types.ts'
import { sameValue } from '../validate/same.ts'
import { liftParams, Words } from '../words.ts'
import type { Word } from '../scalars.ts'
import { Buffer } from './buffer.ts'
import { ComponentStream, CopyEnd } from './streams.ts'
import { GIVEN_UP } from './task.ts'
import type { Scheduler, Task } from './task.ts'
import { ErrorContext, Subtask, Waitable, WaitableSet } from './waitable.ts'
import type { Event } from './waitable.ts'

/** What a call answers that has not come to an end. */
const BLOCKED = -1
const MOST_BACKPRESSURE = 2 ** 16

/** One such function being made, for one component. */
export interface Making {
  readonly scheduler: Scheduler
  readonly callee: Callee
  readonly part: Builtin
  /** Of task.return: its result as the one parameter of a function. */
  readonly signature: () => Signature
  /** Of a stream or a future: the values that it passes. */
  readonly of: () => ValueType | null
}

const taskOf = ({ scheduler, callee }: Making): Task => scheduler.current.task ?? callee.trap('it is not in a task')

const entry = <T extends object>({ callee }: Making, index: number, type: abstract new (...args: never[]) => T): T => {
  const found = callee.instance.handles.at(index)
  return found instanceof type ? found : callee.trap(`no such ${type.name.toLowerCase()}: ${index >>> 0}`)
}

const put = ({ callee }: Making, value: object): number =>
  callee.instance.handles.put(value) || callee.trap('too many handles')

const putEvent = ({ callee }: Making, at: number, [code, index, payload]: Event): number => {
  callee.put32(callee.aligned(at, 4), index, payload)
  return code
}

/** Waits for one thing alone. */
const waitFor = ({ scheduler, callee }: Making, waitable: Waitable): void | Promise<void> => {
  waitable.hasWaiter = true
  return after(scheduler.waitUntil(callee, () => waitable.event !== null), () => void (waitable.hasWaiter = false))
}

const taskReturn = (making: Making): Import => (...words: Word[]) => {
  const { callee, signature } = making
  const task = taskOf(making)
  if (!task.lifted.isAsync || task.instance !== callee.instance) callee.trap('an answer outside of an async function')
  const { params, tuple } = signature()
  const { result } = task.lifted.signature()
  const [own = null] = params
  if (own === null || result === null ? own !== result : !sameValue(own, result))
    callee.trap('an answer of another type than the function has')
  task.finish(liftParams(new Transfer(callee), params, tuple, new Words(words))[0])
}

const taskCancel = (making: Making): Import => () => {
  const task = taskOf(making)
  if (task.cancel !== 'delivered') making.callee.trap('it was not asked to give up')
  task.finish(GIVEN_UP)
}

const subtaskCancel = (making: Making): Import => (index: number) => {
  const { callee, part, scheduler } = making
  const subtask = entry(making, index, Subtask)
  if (subtask.lent === null || subtask.cancelIsAsked) callee.trap('a call that has ended cannot be cancelled')
  if (subtask.set !== null && !part.isAsync) callee.trap('a call in a set cannot be waited for')
  const hasEnded = (): boolean => subtask.isResolved
  const answer = (): number => {
    if (!hasEnded()) return BLOCKED
    subtask.event = null
    subtask.deliver()
    return subtask.state
  }
  if (hasEnded()) return answer()
  subtask.cancelIsAsked = true
  subtask.cancel?.()
  return after(part.isAsync ? scheduler.stepUntil(hasEnded) : scheduler.waitUntil(callee, hasEnded), answer)
}

const subtaskDrop = (making: Making): Import => (index: number) => {
  const subtask = entry(making, index, Subtask)
  if (subtask.lent !== null) making.callee.trap('a call that has not ended is dropped')
  subtask.join(null)
  making.callee.instance.handles.remove(index)
}

const setWait = (making: Making): Import => (index: number, at: number) => {
  const set = entry(making, index, WaitableSet)
  set.waiting += 1
  return after(making.scheduler.waitUntil(making.callee, () => set.hasEvent), () => {
    set.waiting -= 1
    return putEvent(making, at, set.take())
  })
}

const setPoll = (making: Making): Import => (index: number, at: number) =>
  putEvent(making, at, entry(making, index, WaitableSet).take())

const setDrop = (making: Making): Import => (index: number) => {
  const set = entry(making, index, WaitableSet)
  if (set.members.size > 0 || set.waiting > 0) making.callee.trap('a set that is in use is dropped')
  making.callee.instance.handles.remove(index)
}

const join = (making: Making): Import => (index: number, setIndex: number) => {
  const waitable = entry(making, index, Waitable)
  if (waitable.hasWaiter) making.callee.trap('what is waited for alone joins a set')
  waitable.join(setIndex === 0 ? null : entry(making, setIndex, WaitableSet))
}

const pressure = (making: Making, by: 1 | -1): Import => () => {
  const { instance } = making.callee
  instance.backpressure += by
  if (instance.backpressure < 0 || instance.backpressure >= MOST_BACKPRESSURE)
    making.callee.trap('backpressure out of its range')
}

const newPair = (making: Making, kind: 'stream' | 'future'): Import => () => {
  const { callee, scheduler } = making
  const shared = new ComponentStream(kind, making.of(), (begin, hasCome) => {
    callee.process.enter(() => {
      begin()
      void scheduler.waitUntil(callee, hasCome)
    })
  })
  const [reader, writer] = [new CopyEnd(shared, true), new CopyEnd(shared, false)]
  reader.index = put(making, reader)
  writer.index = put(making, writer)
  return BigInt(reader.index) | (BigInt(writer.index) << 32n)
}

const endOf = (making: Making, index: number, kind: 'stream' | 'future', isReader: boolean): CopyEnd => {
  const end = entry(making, index, CopyEnd)
  const { callee } = making
  const [own, of] = [end.shared.of, making.of()]
  if (end.shared.kind !== kind || end.isReader !== isReader) return callee.trap(`${index >>> 0} is another end`)
  if (own === null || of === null ? own !== of : !sameValue(own, of)) return callee.trap(`a ${kind} of another type`)
  return end
}

const copy = (making: Making, kind: 'stream' | 'future', isReader: boolean): Import => (
  index: number, at: number, length = 1,
) => {
  const { callee, part: { options } } = making
  const end = endOf(making, index, kind, isReader)
  if (end.state !== 'idle') callee.trap(`the ${kind} is in use, or at its end`)
  if (end.set !== null && !options.isAsync) callee.trap(`a ${kind} in a set cannot be waited for`)
  const buffer = new Buffer(callee, end.shared.of, at, length >>> 0)
  end.index = index
  end.state = 'copying'
  end.shared.copy(end, buffer)
  if (end.event === null) {
    if (options.isAsync) return BLOCKED
    return after(waitFor(making, end), () => end.take()[2])
  }
  return end.take()[2]
}

const cancelCopy = (making: Making, kind: 'stream' | 'future', isReader: boolean): Import => (index: number) => {
  const end = endOf(making, index, kind, isReader)
  if (end.state !== 'copying' || end.hasWaiter) making.callee.trap(`nothing of the ${kind} to cancel`)
  if (end.set !== null && !making.part.isAsync) making.callee.trap(`a ${kind} in a set cannot be waited for`)
  end.state = 'cancelling'
  if (end.event === null) end.shared.cancel()
  return end.take()[2]
}

const dropEnd = (making: Making, kind: 'stream' | 'future', isReader: boolean): Import => (index: number) => {
  const end = endOf(making, index, kind, isReader)
  if (end.isBusy) making.callee.trap(`a ${kind} in use is dropped`)
  if (kind === 'future' && !isReader && end.state !== 'done')
    making.callee.trap('a future is dropped without its value')
  making.callee.instance.handles.remove(index)
  end.shared.drop()
  end.join(null)
}

const newError = (making: Making): Import => (at: number, length: number) =>
  put(making, new ErrorContext(readText(new Transfer(making.callee), at, length)))

const errorMessage = (making: Making): Import => (index: number, at: number) => {
  const { callee } = making
  const { message } = entry(making, index, ErrorContext)
  callee.put32(callee.aligned(at, 4), ...placeText(new Transfer(callee), message))
}

const errorDrop = (making: Making): Import => (index: number) => {
  entry(making, index, ErrorContext)
  making.callee.instance.handles.remove(index)
}

const copies = (kind: 'stream' | 'future'): Readonly<Record<string, (making: Making) => Import>> => ({
  [`${kind}.new`]: (making) => newPair(making, kind),
  [`${kind}.read`]: (making) => copy(making, kind, true),
  [`${kind}.write`]: (making) => copy(making, kind, false),
  [`${kind}.cancel-read`]: (making) => cancelCopy(making, kind, true),
  [`${kind}.cancel-write`]: (making) => cancelCopy(making, kind, false),
  [`${kind}.drop-readable`]: (making) => dropEnd(making, kind, true),
  [`${kind}.drop-writable`]: (making) => dropEnd(making, kind, false),
})

/** These may be called while the component may not leave. */
export const STAYING: ReadonlySet<string> = new Set([
  'context.get', 'context.set', 'backpressure.inc', 'backpressure.dec',
])

/** A function by its name. */
export const builtins: Readonly<Record<string, (making: Making) => Import>> = {
  'task.return': taskReturn,
  'task.cancel': taskCancel,
  'subtask.cancel': subtaskCancel,
  'subtask.drop': subtaskDrop,
  'context.get': ({ scheduler, part }) => () => scheduler.current.storage[part.slot]!,
  'context.set': ({ scheduler, part }) => (value: number) => void (scheduler.current.storage[part.slot] = value),
  'thread.yield': ({ scheduler }) => () => after(scheduler.step(), () => 0),
  'backpressure.inc': (making) => pressure(making, 1),
  'backpressure.dec': (making) => pressure(making, -1),
  'waitable-set.new': (making) => () => put(making, new WaitableSet()),
  'waitable-set.wait': setWait,
  'waitable-set.poll': setPoll,
  'waitable-set.drop': setDrop,
  'waitable.join': join,
  'error-context.new': newError,
  'error-context.debug-message': errorMessage,
  'error-context.drop': errorDrop,
  ...copies('stream'),
  ...copies('future'),
}
