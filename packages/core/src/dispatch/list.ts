/** The reference strategy: walk the members in order; every other strategy must agree with it. */
import { listChain } from './chain.ts'
import { expose, exposed, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'

export const list = (): Strategy => {
  /** What is around the function behind the key: its members are read at each call. */
  const around = new Map<Slot, Slot['trampoline']>()
  return {
    name: 'list',
    first: (slot) => exposed(slot, framed(slot, listChain(slot))),
    refresh(slot) {
      if ((around.get(slot) ?? null) === slot.trampoline) return
      expose(slot, framed(slot, listChain(slot)))
      around.set(slot, slot.trampoline)
    },
    form: ({ walk }) => (walk === null ? 'list' : 'walk'),
  }
}
