/**
 * The shape that KRSI proposed first (v4, February 2020) and took back: LSMs in a list as before, and behind them one
 * direct call of the attached programs that is switched on while there are any. Programs come last, wherever their LSM
 * stands.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import { flatChain, listChain } from './chain.ts'
import { isProgram } from './chain-member.ts'
import { expose, exposed, framed } from './strategies.ts'
import type { Strategy } from './strategies.ts'
import { Slot } from './slot.ts'

interface Parts {
  /** The LSMs' side of the hook, with a list of its own. */
  readonly lsms: Slot
  /** null: switched off. */
  programs: HookFn | null
  trampoline: Slot['trampoline']
}

const twoParts = (slot: Slot, parts: Parts): HookFn => {
  const lsms = listChain(parts.lsms)
  const { default: none } = slot.def
  if (slot.kind === 'void') {
    return function (this: unknown, a, b, c, d, e, f) {
      const { programs } = parts
      lsms(a, b, c, d, e, f)
      if (programs !== null) programs.call(this, a, b, c, d, e, f)
    }
  }
  return function (this: unknown, a, b, c, d, e, f) {
    const { programs } = parts
    const rc: number = lsms(a, b, c, d, e, f)
    if (rc !== none) {
      slot.endedIn = parts.lsms.endedIn
      slot.endedAt = parts.lsms.endedAt
      return rc
    }
    return programs === null ? none : programs.call(this, a, b, c, d, e, f)
  }
}

/** Parts the members: what the LSMs' list walks, and one function for the programs. */
const part = (slot: Slot, parts: Parts): void => {
  const programs = slot.chain.filter(isProgram)
  parts.lsms.chain = slot.chain.filter((member) => !isProgram(member))
  parts.programs = programs.length === 0 ? null : flatChain(slot.name, slot.def, programs)
}

export const krsiV4 = (): Strategy => {
  const known = new Map<Slot, Parts>()
  return {
    name: 'krsi-v4',
    first(slot) {
      const lsms = new Slot(slot.name, slot.def, slot.reporter)
      const parts: Parts = { lsms, programs: null, trampoline: slot.trampoline }
      known.set(slot, parts)
      part(slot, parts)
      return exposed(slot, framed(slot, twoParts(slot, parts)))
    },
    refresh(slot) {
      const parts = known.get(slot)!
      part(slot, parts)
      if (parts.trampoline === slot.trampoline) return
      parts.trampoline = slot.trampoline
      expose(slot, framed(slot, twoParts(slot, parts)))
    },
    form(slot) {
      if (slot.walk !== null) return 'walk'
      return known.get(slot)!.programs === null ? 'list' : 'list, then programs'
    },
  }
}
