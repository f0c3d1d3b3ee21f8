/** What a chain is made of: members of LSMs, attached programs, and in front of them perhaps a gate. */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Args } from './report.ts'
import type { Slot } from './slot.ts'
import type { Member } from './strategy.ts'

/** Values a function may return; null: every int32 counts. */
export type Range = 'errno' | 'bool' | null

/** What the caller gets when a gate does not pass the arguments. */
export type Verdict = (slot: Slot, args: Args) => number

export interface ChainMember extends Member {
  /** Attached at run time, not registered by an LSM. */
  readonly program: boolean
  readonly range: Range
  /** Of a gate: not an LSM's function but the framework's look at the arguments. */
  readonly verdict: Verdict | null
}

export const lsmMember = ({ lsm, id, position, fn }: Member): ChainMember => ({
  lsm, id, position, fn, program: false, range: null, verdict: null,
})

export const isProgram = (member: ChainMember): boolean => member.program

/** Name of the framework itself, where a report must say who. */
export const FRAMEWORK = 'framework'

export const gateMember = (fn: HookFn, verdict: Verdict): ChainMember => ({
  lsm: FRAMEWORK, id: 0, position: -1, fn, program: false, range: null, verdict,
})

export const inRange = (range: Range, value: number): boolean =>
  range === null || (range === 'bool' ? value === 0 || value === 1 : value <= 0 && value >= -4095)
