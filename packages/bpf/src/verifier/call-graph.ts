/** Functions that call themselves, for releases that refuse them before the walk. */
import { EINVAL } from '@lsmkit/abi'
import type { Session } from './session.ts'
import { isPseudoCall, isPseudoFunc } from './shape.ts'
import { subprogramAt } from './subprograms.ts'

const OPEN = 1
const DONE = 2

/** A function without a type has no name there. */
const nameOf = ({ subprograms }: Session, index: number): string => {
  const { name, typeId } = subprograms[index]!
  return typeId === 0 ? '' : name
}

/** A pointer to a function may lead back to one that is open; a call may not. */
const visit = (session: Session, index: number, marks: Uint8Array): void => {
  const { code, subprograms } = session
  const { start, end } = subprograms[index]!
  marks[index] = OPEN
  for (let slot = start; slot < end; slot++) {
    const isCall = isPseudoCall(code, slot)
    if (!isCall && !isPseudoFunc(code, slot)) continue
    const callee = subprogramAt(session, slot + code.imm[slot]! + 1)
    if (marks[callee] === OPEN && isCall)
      session.refuse(`recursive call from ${nameOf(session, index)}() to ${nameOf(session, callee)}()`, -EINVAL)
    if (marks[callee] === 0) visit(session, callee, marks)
  }
  marks[index] = DONE
}

/**
 * As `sort_subprogs_topo`. The kernel leaves out branches that constants decide; here every call counts, so that a call
 * behind such a branch is refused too.
 */
export const checkRecursion = (session: Session): void => {
  const marks = new Uint8Array(session.subprograms.length)
  for (let index = 0; index < marks.length; index++) if (marks[index] === 0) visit(session, index, marks)
}
