/** The list behind a switch that is on while somebody is on the hook: static keys, as far as JavaScript has them. */
import type { HookFn } from '../hooks/hook-types.ts'
import { listChain } from './chain.ts'
import { expose, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import type { Slot } from './slot.ts'

interface Switch {
  on: boolean
}

const switched = (state: Switch, idle: number | undefined, fn: HookFn): HookFn =>
  function (this: unknown, a, b, c, d, e, f) {
    return state.on ? fn.call(this, a, b, c, d, e, f) : idle
  }

export const staticKey = (): Strategy => {
  const switches = new Map<Slot, Switch & { built: unknown }>()
  return {
    name: 'static-key',
    refresh(slot) {
      const { idle, trampoline } = slot
      const on = idle === null || slot.chain.length > 0
      const state = switches.get(slot)
      if (state !== undefined && state.built === trampoline) {
        state.on = on
        return
      }
      const fresh = { on, built: trampoline }
      expose(slot, switched(fresh, slot.kind === 'int' ? idle ?? 0 : undefined, framed(slot, listChain(slot))))
      switches.set(slot, fresh)
    },
    form: (slot) => (switches.get(slot)?.on === false ? 'switched off' : slot.walk === null ? 'list' : 'walk'),
  }
}
