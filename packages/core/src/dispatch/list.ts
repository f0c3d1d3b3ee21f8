/** The reference strategy: walk the members in order; every other strategy must agree with it. */
import { listChain } from './chain.ts'
import { expose, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'
import type { Trampoline } from '../programs/trampoline.ts'

export const list = (): Strategy => {
  const exposed = new Map<Slot, Trampoline | null>()
  return {
    name: 'list',
    refresh(slot) {
      if (exposed.get(slot) === slot.trampoline) return
      expose(slot, framed(slot, listChain(slot)))
      exposed.set(slot, slot.trampoline)
    },
    form: ({ walk }) => (walk === null ? 'list' : 'walk'),
  }
}
