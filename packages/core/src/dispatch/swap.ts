/**
 * The default strategy: behind each key stands a function made for just its members, and another one is put there when
 * they change. V8 inlines it into the consumer and throws that code away at the change; other hooks keep theirs.
 *
 * A change that comes on the heels of another would race the compiler it set going, and some of such callers stay slow
 * for good. So within a burst a list stands behind the key, from the second change on; it sees every change at once,
 * and exchanges itself for the specialised function when it is called and nothing has changed for a while.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import { passOnBlocks } from './always-blocks.ts'
import { cachedAnswer } from './answer-cache.ts'
import { flatChain, listChain, noChain } from './chain.ts'
import { emptyAnswer, emptyAnswers, freshEmptyAnswer, publish } from './key.ts'
import type { Answer } from './key.ts'
import { expose, exposed, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'

/** Milliseconds without a change that end a burst. */
const QUIET = 20
/** Calls between two looks at the clock. */
const LOOK = 256

interface Change {
  at: number
  /** What is around the list behind the key; undefined while there is no list. */
  listed: Slot['trampoline'] | undefined
}

/** The function for just these members. Programs around it may attach others to the hook, which this call then asks. */
const specialised = (slot: Slot): Answer => {
  const { name, def, chain, trampoline } = slot
  if (trampoline?.hasPrograms) return exposed(slot, framed(slot, listChain(slot)))
  const flat = framed(slot, chain.length === 0 ? noChain(def) : flatChain(name, def, chain))
  return exposed(slot, passOnBlocks(slot, flat))
}

const isIdle = ({ chain, trampoline }: Slot): boolean => chain.length === 0 && trampoline === null

export const swap = (now: () => number = () => performance.now()): Strategy => {
  const changes = new Map<Slot, Change>()
  const specialise = (slot: Slot, change: Change): void => {
    const { kind, key, idle } = slot
    publish(kind, key, idle !== null && isIdle(slot) ? freshEmptyAnswer(kind, idle) : specialised(slot))
    change.listed = undefined
  }

  /** Counts its calls, and now and then looks whether the burst is over. */
  const listed = (slot: Slot, change: Change): HookFn => {
    const entry = framed(slot, listChain(slot))
    let left = LOOK
    return function (this: unknown, a, b, c, d, e, f) {
      if (--left === 0) {
        left = LOOK
        if (now() - change.at >= QUIET) specialise(slot, change)
      }
      return entry.call(this, a, b, c, d, e, f)
    }
  }

  return {
    name: 'swap',
    idle: emptyAnswers,
    first(slot) {
      const { name, def, kind, chain, idle } = slot
      if (idle !== null && isIdle(slot)) return emptyAnswer(name, kind, idle)
      const ownOnly = slot.walk !== null || slot.perStack || slot.trampoline !== null
      return ownOnly ? specialised(slot) : cachedAnswer(def, chain, () => specialised(slot))
    },
    refresh(slot) {
      let change = changes.get(slot)
      if (change === undefined) changes.set(slot, (change = { at: -Infinity, listed: undefined }))
      const at = now()
      const inBurst = at - change.at < QUIET
      change.at = at
      if (!inBurst) return specialise(slot, change)
      // the list sees other members by itself, but not that programs around it have come or gone
      if (change.listed === slot.trampoline) return
      change.listed = slot.trampoline
      expose(slot, listed(slot, change))
    },
    form(slot) {
      if (changes.get(slot)?.listed !== undefined) return 'list, until changes settle'
      if (slot.walk !== null) return 'walk'
      if (slot.trampoline?.hasPrograms) return 'list'
      return slot.chain.length === 0 ? 'empty' : 'flat'
    },
  }
}
