/** The system calls that every kernel has, each file of this folder with a table of some, and how they become rows. */
import type { Machine } from '../machine.ts'
import type { OptionalSubsystem } from '../state/optional.ts'
import type { mqueueSyscalls, sysvipcSyscalls } from '../ipc/calls.ts'
import type { keySyscalls } from '../keys/keys.ts'
import { syslogSyscalls } from '../log/syslogs.ts'
import { adminSyscalls } from './admin.ts'
import type { aioSyscalls } from './aio.ts'
import { attrSyscalls } from './attrs.ts'
import type { bpfSyscalls } from './bpf.ts'
import { capSyscalls } from './caps.ts'
import { clockSyscalls } from './clocks.ts'
import { copySyscalls } from './copies.ts'
import { dirSyscalls } from './dirs.ts'
import { epollSyscalls } from './epolls.ts'
import { eventFdSyscalls } from './event-fds.ts'
import type { fanotifySyscalls } from './fanotifies.ts'
import { fcntlSyscalls } from './fcntl.ts'
import { fdSyscalls } from './fds.ts'
import type { fileHandleSyscalls } from './file-handles.ts'
import { lockSyscalls } from './file-locks.ts'
import { fsContextSyscalls } from './fs-contexts.ts'
import { futexSyscalls } from './futexes.ts'
import { hardwareSyscalls } from './hardware.ts'
import type { inotifySyscalls } from './inotifies.ts'
import type { ioUringSyscalls } from './uring/io-uring.ts'
import { ioctlSyscalls } from './ioctl.ts'
import { kernelImageSyscalls } from './kernel-images.ts'
import { landlockSyscalls } from './landlock.ts'
import { ldtSyscalls } from './ldt.ts'
import { lsmSyscalls } from './lsm.ts'
import { memfdSyscalls } from './memfds.ts'
import { memorySyscalls } from './memory.ts'
import { mountInfoSyscalls } from './mount-info.ts'
import { mountSyscalls } from './mounts.ts'
import { nameSyscalls } from './names.ts'
import { namespaceSyscalls } from './namespaces.ts'
import type { numaSyscalls } from './numa.ts'
import { oldDirSyscalls } from './old-dirs.ts'
import { oldFileSyscalls } from './old-files.ts'
import { openSyscalls } from './opens.ts'
import type { perfEventSyscalls } from './perf-events.ts'
import { personalitySyscalls } from './personality.ts'
import { pidfdSyscalls } from './pidfds.ts'
import { pollSyscalls } from './polls.ts'
import { prctlSyscalls } from './prctl.ts'
import { prioritySyscalls } from './priorities.ts'
import { processSyscalls } from './processes.ts'
import { ptraceSyscalls } from './ptrace.ts'
import type { quotaSyscalls } from './quotas.ts'
import { randomSyscalls } from './random.ts'
import { rangeSyscalls } from './ranges.ts'
import { readWriteSyscalls } from './read-write.ts'
import { rlimitSyscalls } from './rlimits.ts'
import { runnerSyscalls } from './runner.ts'
import { schedSyscalls } from './sched.ts'
import { seccompSyscalls } from './seccomp.ts'
import { sessionSyscalls } from './sessions.ts'
import { signalWaitSyscalls } from './signal-waits.ts'
import { signalSyscalls } from './signals.ts'
import type { socketMessageSyscalls } from './socket-messages.ts'
import type { socketOptionSyscalls } from './socket-options.ts'
import type { socketSyscalls } from './sockets.ts'
import { specialMemorySyscalls } from './special-memory.ts'
import { statSyscalls } from './stats.ts'
import { timerSyscalls } from './timers.ts'
import { uidSyscalls } from './uids.ts'
import { usageSyscalls } from './usage.ts'
import { waitSyscalls } from './waits.ts'
import { xattrSyscalls } from './xattrs.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one table holds every signature
type Call = (machine: Machine, ...args: any[]) => number

/** The calls of one file. Without `subsystem`, which a kernel may be built without, they answer -ENOSYS. */
export interface CallGroup {
  readonly calls: Readonly<Record<string, Call>>
  readonly subsystem?: OptionalSubsystem
}

export const commonCalls = [
  // files
  { calls: openSyscalls },
  { calls: fdSyscalls },
  { calls: readWriteSyscalls },
  { calls: rangeSyscalls },
  { calls: copySyscalls },
  { calls: statSyscalls },
  { calls: dirSyscalls },
  { calls: nameSyscalls },
  { calls: attrSyscalls },
  { calls: xattrSyscalls },
  { calls: fcntlSyscalls },
  { calls: ioctlSyscalls },
  { calls: oldFileSyscalls },
  { calls: adminSyscalls },
  { calls: eventFdSyscalls },
  { calls: memfdSyscalls },
  { calls: mountSyscalls },
  { calls: fsContextSyscalls },
  { calls: mountInfoSyscalls },
  { calls: oldDirSyscalls },
  { calls: lockSyscalls },
  // processes
  { calls: processSyscalls },
  { calls: waitSyscalls },
  { calls: sessionSyscalls },
  { calls: signalSyscalls },
  { calls: uidSyscalls },
  { calls: capSyscalls },
  { calls: prctlSyscalls },
  { calls: personalitySyscalls },
  { calls: prioritySyscalls },
  { calls: schedSyscalls },
  { calls: rlimitSyscalls },
  { calls: ptraceSyscalls },
  { calls: pidfdSyscalls },
  { calls: namespaceSyscalls },
  { calls: memorySyscalls },
  { calls: lsmSyscalls },
  // between processes
  // the machine
  { calls: clockSyscalls },
  { calls: timerSyscalls },
  { calls: usageSyscalls },
  { calls: pollSyscalls },
  { calls: epollSyscalls },
  { calls: signalWaitSyscalls },
  { calls: kernelImageSyscalls },
  { calls: syslogSyscalls },
  { calls: hardwareSyscalls },
  { calls: futexSyscalls },
  { calls: ldtSyscalls },
  { calls: runnerSyscalls },
  { calls: specialMemorySyscalls },
  { calls: seccompSyscalls },
  { calls: landlockSyscalls },
  { calls: randomSyscalls },
] as const satisfies readonly CallGroup[]

/** From a union of tables their intersection: the calls of all tables. */
type All<Tables> = (Tables extends unknown ? (table: Tables) => void : never) extends (all: infer Every) => void
  ? Every
  : never

/** Those of subsystems that a kernel may be given (boot/chosen). */
type ChosenCalls =
  | typeof aioSyscalls | typeof bpfSyscalls | typeof fanotifySyscalls | typeof fileHandleSyscalls
  | typeof inotifySyscalls | typeof ioUringSyscalls | typeof keySyscalls | typeof mqueueSyscalls | typeof numaSyscalls
  | typeof perfEventSyscalls | typeof quotaSyscalls | typeof socketSyscalls | typeof socketMessageSyscalls
  | typeof socketOptionSyscalls | typeof sysvipcSyscalls

/** Every system call by name; each takes the machine, then its own arguments. */
export type Calls = All<(typeof commonCalls)[number]['calls'] | ChosenCalls>

export interface CallRow {
  readonly name: string
  readonly call: Call
  /** How many arguments the call takes, as seccomp and watchers see them. */
  readonly arity: number
  readonly subsystem: OptionalSubsystem | null
}

/** One row a call. Throws where two calls have one name. */
export const rowsOf = (list: readonly CallGroup[]): readonly CallRow[] => {
  const rows = new Map<string, CallRow>()
  for (const { calls, subsystem = null } of list) {
    for (const [name, call] of Object.entries(calls)) {
      if (rows.has(name)) throw new Error(`two system calls have the name ${name}`)
      rows.set(name, { name, call, arity: Math.max(call.length - 1, 0), subsystem })
    }
  }
  return [...rows.values()]
}
