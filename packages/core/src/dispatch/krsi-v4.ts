/**
 * The shape KRSI proposed first (v4, February 2020) and took back: LSMs in a list as ever, and behind them one direct call
 * of the attached programs that is switched on while there are any. Programs come last, wherever their LSM stands.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import { flatChain, listChain } from './chain.ts'
import { isProgram } from './chain-member.ts'
import { entryOf, expose } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import { Slot } from './slot.ts'

interface Parts {
  /** The LSMs' side of the hook, with a list of its own. */
  readonly lsms: Slot
  on: boolean
  programs: HookFn
  built: unknown
}

const twoParts = (slot: Slot, parts: Parts): HookFn => {
  const lsms = listChain(parts.lsms)
  const { default: none } = slot.def
  if (slot.kind === 'void') {
    return function (this: unknown, a, b, c, d, e, f) {
      lsms(a, b, c, d, e, f)
      if (parts.on) parts.programs.call(this, a, b, c, d, e, f)
    }
  }
  return function (this: unknown, a, b, c, d, e, f) {
    const rc: number = lsms(a, b, c, d, e, f)
    if (rc !== none) {
      slot.endedIn = parts.lsms.endedIn
      slot.endedAt = parts.lsms.endedAt
      return rc
    }
    return parts.on ? parts.programs.call(this, a, b, c, d, e, f) : none
  }
}

export const krsiV4 = (): Strategy => {
  const known = new Map<Slot, Parts>()
  const partsOf = (slot: Slot): Parts => {
    let parts = known.get(slot)
    if (parts === undefined) {
      const lsms = new Slot(slot.name, slot.def, slot.key, slot.reporter)
      known.set(slot, (parts = { lsms, on: false, programs: () => slot.def.default, built: undefined }))
    }
    return parts
  }
  return {
    name: 'krsi-v4',
    refresh(slot) {
      const parts = partsOf(slot)
      const programs = slot.chain.filter(isProgram)
      parts.lsms.chain = slot.chain.filter((member) => !isProgram(member))
      parts.on = programs.length > 0
      if (parts.on) parts.programs = flatChain(slot.name, slot.def, programs)
      if (parts.built === slot.trampoline) return
      expose(slot, entryOf(slot, twoParts(slot, parts)))
      parts.built = slot.trampoline
    },
    form: (slot) => (slot.walk !== null ? 'walk' : partsOf(slot).on ? 'list, then programs' : 'list'),
  }
}
