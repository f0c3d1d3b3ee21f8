/** The elements of a chain: members of LSMs, attached programs, and in front of them perhaps a gate. */
import type { HookFn } from '../hooks/hook-types.ts'
import { FRAMEWORK } from './range.ts'
import type { Range } from './range.ts'
import type { ChainMember, Verdict } from './slot.ts'
import type { Member } from './strategy.ts'

/** `fn` stands in the chain for the function that was registered. */
export const lsmMember = ({ lsm, id, position }: Member, fn: HookFn, range: Range): ChainMember => ({
  lsm, id, position, fn, program: false, range, verdict: null,
})

export const isProgram = (member: ChainMember): boolean => member.program

export const gateMember = (fn: HookFn, verdict: Verdict): ChainMember => ({
  lsm: FRAMEWORK, id: 0, position: -1, fn, program: false, range: null, verdict,
})
