/**
 * Signals as a program without asynchronous handlers has them: one that is caught interrupts a call that waits, and the
 * program takes it when it likes.
 */
import { EFAULT, EINVAL } from '@lsmkit/abi'
import { threadOf } from '@lsmkit/kernel/boot'
import type { Process } from '../process.ts'

const HOW = ['default', 'ignore', 'catch'] as const
const SIGSET_SIZE = 8

/** `how`: 0 default, 1 ignore, 2 catch. Answers what it was. */
export const sigaction = ({ sys, task }: Process, [sig, how]: readonly number[]): number => {
  const wanted = HOW[how!]
  if (wanted === undefined) return -EINVAL
  const old = { handler: 'default' as unknown, flags: 0, mask: 0n }
  const handler = wanted === 'catch' ? caught : wanted
  const rc = sys.rt_sigaction(task, sig!, { handler, flags: 0, mask: 0n }, old as never, SIGSET_SIZE)
  if (rc < 0) return rc
  return typeof old.handler === 'function' ? HOW.indexOf('catch') : HOW.indexOf(old.handler as 'default')
}

/** The kernel calls no handler by itself: whoever runs the program takes the signal first (`sigtake`). */
const caught = (): void => undefined

/** The next caught signal, 0 when there is none. It may come again at once. */
export const sigtake = ({ machine, task }: Process): number =>
  machine.as(task, () => {
    const thread = threadOf(task)
    const { blocked } = thread
    const taken = machine.delivery.dequeue(task)
    thread.blocked = blocked
    return taken?.info.si_signo ?? 0
  })

/** As sigprocmask, for signals 1 to 32: bit n - 1 is signal n. */
export const sigmask = ({ sys, task, memory }: Process, [how, set, old]: readonly number[]): number => {
  const at = old! >>> 0
  if (at !== 0 && !memory.has(at, 4)) return -EFAULT
  const before = { value: 0n }
  const rc = sys.rt_sigprocmask(task, how!, BigInt(set! >>> 0), before, SIGSET_SIZE)
  if (rc === 0 && at !== 0) memory.view.setUint32(at, Number(before.value & 0xffffffffn), true)
  return rc
}
