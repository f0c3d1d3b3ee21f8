/**
 * The parts of a chain that are fixed when the stack is made: a gate in front, LSMs before and behind the place of
 * programs.
 */
import type { Gate } from '../special/shape.ts'
import { gateMember } from './chain-member.ts'
import type { ChainMember } from './slot.ts'
import type { ProgramPlace } from './strategy.ts'

const NOBODY: readonly ChainMember[] = []

export interface ChainFrame {
  readonly gate: readonly ChainMember[]
  /** The gate is asked with nobody behind it too. */
  readonly always: boolean
  readonly before: readonly ChainMember[]
  readonly behind: readonly ChainMember[]
}

export const chainFrame = (
  own: readonly ChainMember[],
  gate: Gate | undefined,
  place: ProgramPlace | null,
): ChainFrame => {
  const position = place?.position ?? Infinity
  const isBefore = (member: ChainMember): boolean => member.position < position
  const areBefore = own.every(isBefore)
  return {
    gate: gate === undefined ? NOBODY : [gateMember(gate.fn, gate.verdict)],
    always: gate?.always ?? false,
    before: areBefore ? own : own.filter(isBefore),
    behind: areBefore ? NOBODY : own.filter((member) => !isBefore(member)),
  }
}

/** The chain with these programs at their place, and functions that are asked before all members. */
export const chainWith = (
  frame: ChainFrame, programs: readonly ChainMember[], inFront: readonly ChainMember[],
): readonly ChainMember[] => {
  const { gate, always, before, behind } = frame
  const others = inFront.length + programs.length + behind.length
  const chain = others === 0 ? before : inFront.concat(before, programs, behind)
  return gate.length > 0 && (always || chain.length > 0) ? gate.concat(chain) : chain
}
