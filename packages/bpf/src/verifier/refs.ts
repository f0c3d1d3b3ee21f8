/** References: what a program acquired and must give back. */
import { EINVAL } from '@lsmkit/abi'
import { changeRegs } from './each-reg.ts'
import { isNonOwning } from './reg-type.ts'
import { invalidated } from './registers.ts'
import type { Session } from './session.ts'

/** A new reference, taken by the current instruction. */
export const acquireReference = (session: Session): number => {
  const { frame } = session
  const id = session.newId()
  frame.refs = [...frame.refs, { id, insn: session.insn, callbackFrame: frame.inCallback ? frame.number : 0 }]
  return id
}

/** Takes the reference off the list; false when it is not there or belongs to an outer callback. */
export const dropReference = (session: Session, id: number): boolean => {
  const { frame } = session
  const at = frame.refs.findIndex((ref) => ref.id === id)
  if (at < 0) return false
  if (frame.inCallback && frame.refs[at]!.callbackFrame !== frame.number) return false
  const refs = frame.refs.slice()
  refs[at] = refs[refs.length - 1]!
  refs.pop()
  frame.refs = refs
  return true
}

/** As `release_reference`: the reference ends, and every pointer that it kept alive. */
export const releaseReference = (session: Session, id: number): boolean => {
  if (!dropReference(session, id)) return false
  const gone = invalidated(session)
  changeRegs(session, (reg) => (reg.ref === id ? gone : reg))
  return true
}

export const invalidateNonOwning = (session: Session): void => {
  const gone = invalidated(session)
  changeRegs(session, (reg) => (isNonOwning(reg.type) ? gone : reg))
}

/** References still held where a program may not hold any. */
export const checkLeaks = (session: Session, exceptionExit: boolean): void => {
  const { frame } = session
  if (!exceptionExit && frame.number !== 0 && !frame.inCallback) return
  let leaks = false
  for (const ref of frame.refs) {
    if (!exceptionExit && frame.inCallback && ref.callbackFrame !== frame.number) continue
    session.say(`Unreleased reference id=${ref.id} alloc_insn=${ref.insn}`)
    leaks = true
  }
  if (leaks) session.end(-EINVAL)
}
