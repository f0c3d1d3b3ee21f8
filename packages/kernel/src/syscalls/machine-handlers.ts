/** Calls about the machine as a whole, and those that mostly belong to whoever runs the programs. */
import { ENOSYS } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { aioSyscalls } from './aio.ts'
import { bpfSyscalls } from './bpf.ts'
import { clockSyscalls } from './clocks.ts'
import { epollSyscalls } from './epolls.ts'
import { hardwareSyscalls } from './hardware.ts'
import { kernelImageSyscalls } from './kernel-images.ts'
import { landlockSyscalls } from './landlock.ts'
import { optionalCalls } from './optional-calls.ts'
import { numaSyscalls } from './numa.ts'
import { perfEventSyscalls } from './perf-events.ts'
import { pollSyscalls } from './polls.ts'
import { randomSyscalls } from './random.ts'
import { futexSyscalls } from './futexes.ts'
import { ldtSyscalls } from './ldt.ts'
import { runnerSyscalls } from './runner.ts'
import { seccompSyscalls } from './seccomp.ts'
import { signalWaitSyscalls } from './signal-waits.ts'
import { specialMemorySyscalls } from './special-memory.ts'
import { syslogSyscalls } from '../log/syslogs.ts'
import { timerSyscalls } from './timers.ts'
import { usageSyscalls } from './usage.ts'

export const machineHandlers = (lsm: KeyMap, machine: Machine) => [
  clockSyscalls(lsm, machine),
  timerSyscalls(lsm, machine),
  usageSyscalls(machine),
  optionalCalls(machine, 'perf', { perf_event_open: 5 }, () => perfEventSyscalls(lsm, machine)),
  pollSyscalls(machine),
  epollSyscalls(machine),
  signalWaitSyscalls(machine),
  kernelImageSyscalls(lsm, machine),
  syslogSyscalls(lsm, machine),
  hardwareSyscalls(lsm, machine),
  futexSyscalls(machine),
  ldtSyscalls(machine),
  runnerSyscalls(machine),
  optionalCalls(
    machine, 'numa', { set_mempolicy: 3, get_mempolicy: 5, mbind: 6, set_mempolicy_home_node: 4 },
    () => numaSyscalls(lsm, machine),
  ),
  specialMemorySyscalls(lsm, machine),
  seccompSyscalls(machine),
  landlockSyscalls(lsm, machine),
  optionalCalls(
    machine, 'aio',
    { io_setup: 2, io_destroy: 1, io_submit: 3, io_getevents: 5, io_pgetevents: 6, io_cancel: 0 },
    () => aioSyscalls(machine),
  ),
  bpfSyscalls(machine),
  randomSyscalls(machine),
  { /** Not configured in the kernel this one follows. */ uselib: (_library: unknown): number => -ENOSYS },
] as const
