/** Calls into a component: by JavaScript, and by other components. */
import { ProgramError } from '../errors.ts'
import type { Import } from '../guard.ts'
import type { Callee } from './callee.ts'
import type { ComponentValue, Word } from './scalars.ts'
import { Transfer } from './transfer.ts'
import type { Signature } from './value-types.ts'
import { liftParams, liftResult, lowerParams, lowerResult, Words } from './words.ts'

/** A core function; a Promise where it may be suspended. */
export type CoreFunction = (...words: Word[]) => Word | undefined | Promise<Word | undefined>

/** A function that a component has made of a core function of its own. */
export interface Lifted {
  readonly kind: 'lifted'
  readonly core: CoreFunction
  /** The same, as it is called from another component. */
  readonly entered: CoreFunction
  readonly callee: Callee
  readonly postReturn: ((answer?: Word) => void) | null
  readonly signature: () => Signature
  /** Its type says that it may wait. */
  readonly isAsyncType: boolean
  /** It answers by task.return, and goes on by its callback if it has one. */
  readonly isAsync: boolean
  readonly callback: CoreFunction | null
  /** Makes a task of its own for a call of it, where tasks are told apart, in which its code is run. */
  readonly newTask: (lifted: Lifted) => InTask
  /** Calls it and lets others go on until it has answered; for asynchronous types. */
  readonly wait: (
    lifted: Lifted, args: readonly ComponentValue[], caller: Callee,
  ) => ComponentValue | undefined | Promise<ComponentValue | undefined>
  /** As `wait`, where no code of the component is on the stack: the host goes on meanwhile. */
  readonly comes: (lifted: Lifted, args: readonly ComponentValue[]) => Promise<ComponentValue | undefined>
}

/** Goes on with an answer that may come later. */
export const after = <T, R>(answer: T | Promise<T>, then: (answer: T) => R): R | Promise<R> =>
  (answer instanceof Promise ? answer.then(then) : then(answer))

/** Runs some of the code of a task. */
export type InTask = <T>(call: () => T) => T

/** Runs what cleans up after an answer. */
export const cleanUp = ({ callee: { instance }, postReturn }: Lifted, answer: Word | undefined): void => {
  if (postReturn === null) return
  instance.mayLeave = false
  if (answer === undefined) postReturn()
  else postReturn(answer)
  instance.mayLeave = true
}

/** Calls a component, and takes its answer out of its memory. */
export const callLifted = (
  lifted: Lifted, core: CoreFunction, args: readonly ComponentValue[],
): ComponentValue | undefined | Promise<ComponentValue | undefined> => {
  const { callee } = lifted
  const inTask = lifted.newTask(lifted)
  const { params, tuple, result } = lifted.signature()
  const transfer = new Transfer(callee)
  const words = lowerParams(transfer, params, tuple, args)
  return after(inTask(() => core(...words)), (answer) => {
    const value = result === null ? undefined : liftResult(transfer, result, answer ?? 0)
    if (transfer.scope.borrows > 0) callee.trap('it has not dropped what it has borrowed')
    inTask(() => cleanUp(lifted, answer))
    return value
  })
}

/** Throws `bad-value` for arguments that are not what it takes; nothing has run then but what makes room for them. */
export const liftedCall = (lifted: Lifted) => (...args: readonly ComponentValue[]): ComponentValue | undefined => {
  const { params } = lifted.signature()
  if (args.length !== params.length)
    throw new ProgramError('bad-value', `the function takes ${params.length} arguments, ${args.length} are given`)
  if (lifted.isAsyncType) return lifted.wait(lifted, args, lifted.callee) as ComponentValue | undefined
  return callLifted(lifted, lifted.core, args) as ComponentValue | undefined
}

/** A function outside of a component, as it is called with values. */
export type Outside = (
  args: readonly ComponentValue[],
) => ComponentValue | undefined | Promise<ComponentValue | undefined>

/** A function that takes and gives values, as a core function over the memory of the component that calls it. */
export const lowered = (
  callee: Callee, signature: () => Signature, call: Outside, keepsNumbers = false,
): Import => (...words: Word[]) => {
  callee.leaves()
  const { params, tuple, result } = signature()
  const taken = new Words(words)
  const transfer = new Transfer(callee, keepsNumbers)
  return after(call(liftParams(transfer, params, tuple, taken)), (value) => {
    transfer.giveBack()
    return result === null ? undefined : lowerResult(new Transfer(callee, keepsNumbers), result, value ?? null, taken)
  })
}
