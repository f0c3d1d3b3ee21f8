/**
 * The steps of the launcher. Its first process becomes the keeper: it adopts all that the program leaves behind, and
 * ends all of it when the program has ended, on SIGNAL_END, and when the process that started it dies. Its child
 * restricts itself as the plan says and becomes the program.
 */
import {
  AT_FDCWD, CLOSE_RANGE_CLOEXEC, LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS, O_RDONLY, PR_SET_CHILD_SUBREAPER,
  PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_SET_MODE_FILTER,
  SIG_SETMASK, SIGCHLD, SIGKILL, SIGTERM, __WALL, WNOHANG,
} from '@lsmkit/abi'
import type { Arch } from '../sys/calls.ts'
import { packLimit } from '../sys/process.ts'
import { packFilter } from '../sys/seccomp.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import { Program } from './program.ts'
import type { Place, Step } from './program.ts'

/** Ends the program and all that it started. Lower than SIGCHLD, so that no flood of those delays it. */
export const SIGNAL_END = SIGTERM

// descriptors of the launcher, behind the three of the program
export const STATUS_FD = 3
export const RULESET_FD = 4
export const CGROUP_FD = 5

/** Bytes of a message: a tag, a value, and a struct rusage. */
export const MESSAGE = 160
const RUSAGE_AT = 16

/** Tags of messages. */
export const STARTED = 1
export const ENDED = 2
/** The value is the listener's descriptor in the program, which waits for a byte. */
export const LISTENER = 3
/** This and higher: the step that failed, with -errno. */
export const FAILED = 100

export interface LaunchPlan {
  readonly arch: Arch
  /** The process that starts the launcher: when it is gone before the launcher looks, nothing is started. */
  readonly supervisor: number
  /** Its path. */
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** LANDLOCK_RESTRICT_SELF_*, or null without a ruleset. */
  readonly landlock: number | null
  readonly filter: readonly FilterStep[] | null
  /** The filter has a listener, which the supervisor takes before the program goes on. */
  readonly listener: boolean
  /** Only the end of its process interrupts a call that the listener has received (Linux 5.19 and later). */
  readonly isPatient?: boolean
  /** RLIMIT_* and the limit, soft and hard. */
  readonly limits: readonly (readonly [resource: number, value: number])[]
  readonly hasCgroup: boolean
  /** Group, user: for a supervisor that may change them. */
  readonly user: { readonly uid: number; readonly gid: number } | null
}

const ALL_SIGNALS = -1n
const SIGSET = 8
const LAST_FD = 0xffff_ffff
const WAIT_ANY = -1
const BUFFER = 65_536
const EXIT_NOT_STARTED = 127
const CAPABILITY_VERSION_3 = 0x2008_0522

/** A call that has to succeed; else its name is reported and nothing is started. */
export interface Must {
  readonly what: string
  readonly call: string
  readonly args: readonly (number | bigint | Place)[]
}

const CHILDREN = '/proc/thread-self/children'

/** The restrictions, in their order: what needs a right comes before the step that takes it away. */
export const musts = (plan: LaunchPlan, program: Program): readonly Must[] => {
  const list: Must[] = []
  const must = (what: string, call: string, ...args: Must['args']): unknown => list.push({ what, call, args })
  must('setsid', 'setsid')
  if (plan.hasCgroup) must('joining the cgroup', 'write', CGROUP_FD, program.text('0'), 1)
  if (plan.user !== null) {
    must('setgroups', 'setgroups', 0, 0)
    must('setresgid', 'setresgid', plan.user.gid, plan.user.gid, plan.user.gid)
    must('setresuid', 'setresuid', plan.user.uid, plan.user.uid, plan.user.uid)
  }
  for (const [resource, value] of plan.limits) {
    must(`limit ${resource}`, 'prlimit64', 0, resource, program.bytes(packLimit(value, value)), 0)
  }
  // header and two empty structs: no capability is kept, for root too
  must('capset', 'capset', program.words(CAPABILITY_VERSION_3), program.words(0, 0, 0))
  must('PR_SET_PDEATHSIG', 'prctl', PR_SET_PDEATHSIG, SIGKILL)
  // from ABI 11 on the ruleset does it itself
  if (((plan.landlock ?? 0) & LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS) === 0) {
    must('PR_SET_NO_NEW_PRIVS', 'prctl', PR_SET_NO_NEW_PRIVS, 1)
  }
  if (plan.landlock !== null) must('landlock_restrict_self', 'landlock_restrict_self', RULESET_FD, plan.landlock)
  must('close_range', 'close_range', STATUS_FD, LAST_FD, CLOSE_RANGE_CLOEXEC)
  if (plan.filter !== null) {
    const filter = program.words(plan.filter.length, program.bytes(packFilter(plan.filter)))
    const patient = plan.isPatient === true ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0
    const flags = plan.listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER | patient : 0
    must('seccomp', 'seccomp', SECCOMP_SET_MODE_FILTER, flags, filter)
  }
  return list
}

export interface Launcher {
  /** An ELF image. */
  readonly image: Uint8Array
  /** The calls that have to succeed, by tag of a message minus FAILED. */
  readonly calls: readonly string[]
}

/** The launcher for one start. */
export const launcherOf = (plan: LaunchPlan): Launcher => {
  const program = new Program(plan.arch)
  const message = program.bytes(new Uint8Array(MESSAGE))
  const list = musts(plan, program)
  const calls = [...list.map(({ what }) => what), 'execve', 'clone']
  keeperStart(program, plan, message, failed(calls.length - 1))
  keeperLoop(program, message)
  endAll(program, message)
  child(program, plan, list, message)
  calls.forEach((_, i) => failure(program, i, message))
  return { image: program.image(), calls }
}

const VALUE = 8
const report = (message: Place): Step => ({ call: 'write', args: [STATUS_FD, message, MESSAGE] })
const put = (value: number, store: Place): Step => ({ call: 'multiply-add', args: [value, 1, 0], store })
const always = (label: string): Pick<Step, 'equal' | 'above' | 'below'> =>
  ({ equal: label, above: label, below: label })
const failed = (i: number): string => `failed ${i}`

const keeperStart = (program: Program, plan: LaunchPlan, message: Place, noChild: string): void => {
  const main = message.at(VALUE)
  program.step(
    { call: 'prctl', args: [PR_SET_PDEATHSIG, SIGNAL_END] },
    { call: 'getppid', expect: plan.supervisor, above: 'exit', below: 'exit' },
    { call: 'prctl', args: [PR_SET_CHILD_SUBREAPER, 1] },
    // nothing ends the keeper but its own last step
    { call: 'rt_sigprocmask', args: [SIG_SETMASK, program.words(ALL_SIGNALS), 0, SIGSET] },
    { call: 'clone', args: [SIGCHLD], store: main, equal: 'child', below: noChild },
    { call: 'load-word', args: [main], store: { step: 'reap', field: 'expect' } },
    { call: 'load-word', args: [main], store: { step: 'kill-main', field: 1 } },
    { call: 'load-word', args: [main], store: { step: 'await-main', field: 1 } },
    { call: 'load-word', args: [main], store: { step: 'group', field: 1 } },
    put(STARTED, message),
    report(message),
    { call: 'close_range', args: [0, STATUS_FD - 1] },
    { call: 'close_range', args: [STATUS_FD + 1, LAST_FD] },
    { call: 'chdir', args: [program.text('/')] },
  )
}

/** Reaps until the program has ended, or until everything is to end. */
const keeperLoop = (program: Program, message: Place): void => {
  const awaited = program.words((1n << BigInt(SIGCHLD - 1)) | (1n << BigInt(SIGNAL_END - 1)))
  const [status, usage] = [message.at(VALUE), message.at(RUSAGE_AT)]
  program.step(
    {
      label: 'wait', call: 'rt_sigtimedwait', args: [awaited, 0, 0, SIGSET], expect: SIGCHLD,
      store: { step: 'which', field: 1 }, equal: 'reap', above: 'wait',
    },
    { label: 'which', call: 'multiply-add', args: [0, 1, 0], expect: SIGNAL_END, above: 'wait', below: 'wait' },
    { label: 'kill-main', call: 'kill', args: [0, SIGKILL] },
    { label: 'await-main', call: 'wait4', args: [0, status, __WALL, usage], ...always('ended') },
    {
      label: 'reap', call: 'wait4', args: [WAIT_ANY, status, WNOHANG | __WALL, usage],
      store: { step: 'reaped', field: 1 }, equal: 'ended', above: 'reap',
    },
    { label: 'reaped', call: 'multiply-add', args: [0, 1, 0], above: 'reap', equal: 'wait', below: 'ended' },
    { label: 'ended', ...put(ENDED, message) },
  )
}

/** How many are reaped before the rest is killed anew. */
const REAPED_AT_ONCE = 32

/**
 * Ends everything that is left: each child of the keeper is killed, whose own children become the keeper's. A number in
 * the list stays that child's until the keeper reaps it.
 */
const endAll = (program: Program, message: Place): void => {
  for (let i = 0; i < REAPED_AT_ONCE; i++) {
    program.step({
      ...(i === 0 ? { label: 'sweep' } : {}), call: 'wait4', args: [WAIT_ANY, 0, WNOHANG | __WALL, 0],
      equal: 'list', below: 'tell',
    })
  }
  const buffer = program.room(BUFFER)
  const [pointer, end, pid, byte] = [program.words(0), program.words(0), program.words(0), program.words(0)]
  const load = (from: Place, step: string, field: number | 'expect'): Step =>
    ({ call: 'load-word', args: [from], store: { step, field } })
  program.step(
    // descriptors 0 to 2 are closed, so the list is 0
    { label: 'list', call: 'openat', args: [AT_FDCWD, program.text(CHILDREN), O_RDONLY, 0], below: 'group' },
    {
      label: 'read', call: 'read', args: [0, buffer, BUFFER], store: { step: 'end', field: 1 },
      equal: 'listed', below: 'listed',
    },
    { label: 'end', call: 'multiply-add', args: [0, 1, buffer], store: end },
    load(end, 'at', 'expect'),
    { call: 'multiply-add', args: [buffer, 1, 0], store: pointer },
    put(0, pid),
    { ...load(pointer, 'at', 1), label: 'look' },
    { label: 'at', call: 'multiply-add', args: [0, 1, 0], equal: 'read', above: 'read' },
    load(pointer, 'byte', 1),
    { label: 'byte', call: 'load-byte', store: byte, expect: ' '.charCodeAt(0), equal: 'number', below: 'next' },
    load(pid, 'shift', 1),
    load(byte, 'shift', 3),
    { label: 'shift', call: 'multiply-add', args: [0, 10, 0], store: { step: 'digit', field: 1 } },
    { label: 'digit', call: 'multiply-add', args: [0, 1, -'0'.charCodeAt(0)], store: pid },
    { ...load(pointer, 'advance', 1), label: 'next' },
    { label: 'advance', call: 'multiply-add', args: [0, 1, 1], store: pointer, ...always('look') },
    { ...load(pid, 'kill', 1), label: 'number' },
    { label: 'kill', call: 'kill', args: [0, SIGKILL] },
    { ...put(0, pid), ...always('next') },
    { label: 'listed', call: 'close', args: [0] },
    { call: 'wait4', args: [WAIT_ANY, 0, __WALL, 0], ...always('sweep') },
    // without the list there is the group of the program
    { label: 'group', call: 'multiply-add', args: [0, -1, 0], store: { step: 'kill-group', field: 1 } },
    { label: 'kill-group', call: 'kill', args: [0, SIGKILL] },
    { label: 'tell', ...report(message) },
    { label: 'exit', call: 'exit_group', args: [0] },
  )
}

const child = (program: Program, plan: LaunchPlan, list: readonly Must[], message: Place): void => {
  const result = message.at(VALUE)
  program.step({ label: 'child', call: 'rt_sigprocmask', args: [SIG_SETMASK, program.words(0), 0, SIGSET] })
  list.forEach(({ call, args }, i) => program.step({ call, args, store: result, below: failed(i) }))
  if (plan.listener) handOver(program, message)
  const env = Object.entries(plan.env).map(([name, value]) => `${name}=${value}`)
  const args = [program.text(plan.program), program.texts(plan.args), program.texts(env)]
  program.step({ call: 'execve', args, store: result, ...always(failed(list.length)) })
}

/** The listener's number goes to the supervisor, which answers with a byte when it has a copy. */
const handOver = (program: Program, message: Place): void => {
  const answer = program.words(0)
  program.step(
    put(LISTENER, message), report(message), { call: 'read', args: [STATUS_FD, answer, 1] },
    { call: 'load-word', args: [message.at(VALUE)], store: { step: 'close-listener', field: 1 } },
    { label: 'close-listener', call: 'close', args: [0] },
  )
}

const failure = (program: Program, i: number, message: Place): void =>
  program.step(
    { label: failed(i), ...put(FAILED + i, message) }, report(message),
    { call: 'exit_group', args: [EXIT_NOT_STARTED] },
  )
