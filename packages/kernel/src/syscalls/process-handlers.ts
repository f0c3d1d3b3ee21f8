/** The process half of the handlers. */
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { capSyscalls } from './caps.ts'
import { lsmSyscalls } from './lsm.ts'
import { memorySyscalls } from './memory.ts'
import { namespaceSyscalls } from './namespaces.ts'
import { personalitySyscalls } from './personality.ts'
import { pidfdSyscalls } from './pidfds.ts'
import { prctlSyscalls } from './prctl.ts'
import { prioritySyscalls } from './priorities.ts'
import { processSyscalls } from './processes.ts'
import { ptraceSyscalls } from './ptrace.ts'
import { rlimitSyscalls } from './rlimits.ts'
import { schedSyscalls } from './sched.ts'
import { sessionSyscalls } from './sessions.ts'
import { signalSyscalls } from './signals.ts'
import { uidSyscalls } from './uids.ts'
import { waitSyscalls } from './waits.ts'

export const processHandlers = (lsm: KeyMap, machine: Machine) => [
  processSyscalls(machine),
  waitSyscalls(machine),
  sessionSyscalls(machine),
  signalSyscalls(machine),
  uidSyscalls(machine),
  capSyscalls(lsm, machine),
  prctlSyscalls(lsm, machine),
  personalitySyscalls(machine),
  prioritySyscalls(machine),
  schedSyscalls(machine),
  rlimitSyscalls(lsm, machine),
  ptraceSyscalls(machine),
  pidfdSyscalls(lsm, machine),
  namespaceSyscalls(lsm, machine),
  memorySyscalls(machine),
  lsmSyscalls(lsm, machine),
] as const
