/**
 * Barriers that keep a processor from running ahead into code which a wrong guess alone would make unsafe: kernels that
 * have them refuse no program for what such a path does.
 */
import { EACCES, EINVAL, EPERM } from '@lsmkit/abi'
import { Refusal } from './refusal.ts'
import type { Session } from './session.ts'

/** Bits of `Session.barriers`. */
const BEFORE = 1
const BEHIND = 2

export const hasBarrierBefore = ({ barriers, insn }: Session): boolean => ((barriers[insn] ?? 0) & BEFORE) !== 0

/** Whether the guessed path ends before the instruction. */
export const endsBefore = (session: Session): boolean => session.state.speculative && hasBarrierBefore(session)

/** As endsBefore, after it. */
export const endsBehind = (session: Session, slot: number): boolean =>
  session.state.speculative && ((session.barriers[slot] ?? 0) & BEHIND) !== 0

/** The old bytes of a slot must not be read under a wrong guess. */
export const keepOldHidden = ({ barriers, insn }: Session): void => {
  if (insn < barriers.length) barriers[insn]! |= BEHIND
}

const curable = new Set([-EPERM, -EACCES, -EINVAL])

/** A guessed path meets what would refuse the program: true when a barrier keeps it from there instead. */
export const isCured = (session: Session, slot: number, error: unknown): boolean => {
  if (!session.state.speculative || !session.kernel.features.speculationBarriers) return false
  if (!(error instanceof Refusal) || !curable.has(error.errno)) return false
  session.barriers[slot]! |= BEFORE
  session.maskings.delete(slot)
  return true
}
