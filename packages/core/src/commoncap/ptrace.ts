/** When one task may look into another without CAP_SYS_PTRACE: it holds at least the same capabilities. */
import { capIsSubset, PTRACE_MODE_FSCREDS } from '@lsmkit/abi'
import type { Cred } from '../objects/cred.ts'

/** The rule of `cap_ptrace_access_check`: FSCREDS modes look at the caller's effective set, others at its permitted. */
export const ptraceCapsCover = (caller: Cred, child: Cred, mode: number): boolean => {
  const held = mode & PTRACE_MODE_FSCREDS ? caller.cap_effective : caller.cap_permitted
  return caller.user_ns === child.user_ns && capIsSubset(child.cap_permitted, held)
}
