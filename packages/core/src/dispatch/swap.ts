/**
 * The default strategy: behind each key stands a function made for just its members, and another one is put there when
 * they change. V8 inlines it into the consumer and throws that code away at the change; other hooks keep theirs.
 *
 * A change that comes on the heels of another would race the compiler it set going, and some of such callers stay slow
 * for good. So within a burst a list stands behind the key, from the second change on; it sees every change at once, and
 * exchanges itself for the specialised function when it is called and nothing has changed for a while.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import { cachedAnswer } from './answer-cache.ts'
import { flatChain, listChain, noChain } from './chain.ts'
import { answerOf, emptyAnswer, publish } from './key.ts'
import type { Answer } from './key.ts'
import { expose, framed, traced } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'

/** Milliseconds without a change that end a burst. */
const QUIET = 20
/** Calls between two looks at the clock. */
const LOOK = 256

interface Change {
  at: number
  listed: boolean
}

const build = (slot: Slot): Answer => {
  const { name, def, kind, chain } = slot
  const shared = slot.walk === null && !slot.perStack && slot.trampoline === null
  if (slot.idle !== null && chain.length === 0 && slot.trampoline === null) return emptyAnswer(name, kind, slot.idle)
  const make = (): Answer => {
    const fn = chain.length === 0 ? noChain(def) : flatChain(name, def, chain)
    return answerOf(kind, traced(slot, framed(slot, fn)))
  }
  return shared ? cachedAnswer(def, chain, make) : make()
}

export const swap = (now: () => number = () => performance.now()): Strategy => {
  const changes = new Map<Slot, Change>()
  const specialise = (slot: Slot): void => {
    const answer = build(slot)
    if (Object.getPrototypeOf(slot.key) !== answer) publish(slot.kind, slot.key, answer)
    changes.get(slot)!.listed = false
  }

  /** Counts its calls, and now and then looks whether the burst is over. */
  const listed = (slot: Slot, entry: HookFn): HookFn => {
    const change = changes.get(slot)!
    let left = LOOK
    return function (this: unknown, a, b, c, d, e, f) {
      if (--left === 0) {
        left = LOOK
        if (now() - change.at >= QUIET) specialise(slot)
      }
      return entry.call(this, a, b, c, d, e, f)
    }
  }

  return {
    name: 'swap',
    refresh(slot) {
      const change = changes.get(slot)
      const at = now()
      if (change === undefined) {
        changes.set(slot, { at: -Infinity, listed: false })
        specialise(slot)
        return
      }
      const inBurst = at - change.at < QUIET
      change.at = at
      if (!inBurst) return specialise(slot)
      if (change.listed && slot.trampoline === null) return
      change.listed = true
      expose(slot, listed(slot, framed(slot, listChain(slot))))
    },
    form(slot) {
      if (changes.get(slot)?.listed) return 'list, until changes settle'
      if (slot.walk !== null) return 'walk'
      return slot.chain.length === 0 ? 'empty' : 'flat'
    },
  }
}
