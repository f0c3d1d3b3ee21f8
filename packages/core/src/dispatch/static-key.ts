/** The list behind a switch that is on while somebody is on the hook: static keys, as far as JavaScript has them. */
import type { HookFn } from '../hooks/hook-types.ts'
import { listChain } from './chain.ts'
import { expose, exposed, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'

interface Switch {
  on: boolean
  trampoline: Slot['trampoline']
}

const isOn = ({ idle, chain }: Slot): boolean => idle === null || chain.length > 0

const switched = (slot: Slot, state: Switch): HookFn => {
  const fn = framed(slot, listChain(slot))
  const idle = slot.kind === 'int' ? slot.idle ?? 0 : undefined
  return function (this: unknown, a, b, c, d, e, f) {
    return state.on ? fn.call(this, a, b, c, d, e, f) : idle
  }
}

export const staticKey = (): Strategy => {
  const switches = new Map<Slot, Switch>()
  const fresh = (slot: Slot): Switch => {
    const state = { on: isOn(slot), trampoline: slot.trampoline }
    switches.set(slot, state)
    return state
  }
  return {
    name: 'static-key',
    first: (slot) => exposed(slot, switched(slot, fresh(slot))),
    refresh(slot) {
      const state = switches.get(slot)!
      if (state.trampoline === slot.trampoline) state.on = isOn(slot)
      else expose(slot, switched(slot, fresh(slot)))
    },
    form: (slot) => (!switches.get(slot)!.on ? 'switched off' : slot.walk === null ? 'list' : 'walk'),
  }
}
