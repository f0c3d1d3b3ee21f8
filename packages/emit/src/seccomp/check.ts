/** The verdict of a profile about calls, and rules of it that do nothing. */
import { syscallByName } from '@lsmkit/abi/syscall-name'
import { didYouMean } from '@lsmkit/core'
import { runFilter } from '@lsmkit/kernel'
import { callNames } from '../calls.ts'
import { compileProfile, isDefault, resultOf, rulesOfCall } from './compile.ts'
import { isAllowed, seccompData } from './data.ts'
import type { Action, Condition, Profile, Rule } from './profile.ts'
import { rulesFor } from './resolve.ts'
import type { Container } from './resolve.ts'

export interface CallVerdict {
  readonly name: string
  /** `depends`: some arguments are allowed and others are not. */
  readonly verdict: 'allowed' | 'refused' | 'depends'
  readonly action: Action
  /** The number that a refused call answers; null for an action that answers none. */
  readonly errno: number | null
  /** The rule that decides: `syscalls[3]`; null for the default. */
  readonly place: string | null
  /** Conditions of rules for it: `argument 0 is 1`. */
  readonly conditions: readonly string[]
}

const operatorTexts: Readonly<Record<Condition['op'], string>> = {
  SCMP_CMP_NE: 'is not', SCMP_CMP_LT: '<', SCMP_CMP_LE: '<=', SCMP_CMP_EQ: 'is', SCMP_CMP_GE: '>=', SCMP_CMP_GT: '>',
  SCMP_CMP_MASKED_EQ: '&',
}

const conditionText = ({ index, op, value, valueTwo }: Condition): string =>
  `argument ${index} ${operatorTexts[op]} ${value}${op === 'SCMP_CMP_MASKED_EQ' ? ` is ${valueTwo}` : ''}`

const isOpen = (action: Action, errno: number | null): boolean => isAllowed(resultOf(action, errno))

const errnoOf = (action: Action, errno: number | null): number | null =>
  (action === 'SCMP_ACT_ERRNO' ? errno ?? 1 : null)

/** The verdict about a call, with the arguments that are given, or with any. */
export const verdictOf = (
  profile: Profile, name: string, container: Container = {}, args?: readonly (number | bigint)[],
): CallVerdict => {
  const { defaultAction, defaultErrnoRet } = profile
  const rules = rulesOfCall(profile, rulesFor(profile, container), name)
  const conditions = rules.flatMap((one) => (one.args.length === 0 ? [] : [one.args.map(conditionText).join(', ')]))
  const of = (rule: Rule | undefined): Omit<CallVerdict, 'verdict' | 'conditions'> => {
    const [action, errno] = rule === undefined ? [defaultAction, defaultErrnoRet] : [rule.action, rule.errnoRet]
    return { name, action, errno: errnoOf(action, errno), place: rule?.place ?? null }
  }
  if (args !== undefined) {
    const answer = runFilter(compileProfile(profile, container), seccompData(name, args))
    const rule = rules.find((one) => resultOf(one.action, one.errnoRet) === answer)
    return { ...of(rule), verdict: isAllowed(answer) ? 'allowed' : 'refused', conditions }
  }
  const [first] = rules
  const isUnder = (rule: Rule): boolean => isOpen(rule.action, rule.errnoRet)
  if (first === undefined || first.args.length === 0) {
    const open = first === undefined ? isOpen(defaultAction, defaultErrnoRet) : isUnder(first)
    return { ...of(first), verdict: open ? 'allowed' : 'refused', conditions }
  }
  const open = new Set([...rules.map(isUnder), isOpen(defaultAction, defaultErrnoRet)])
  return { ...of(first), verdict: open.size > 1 ? 'depends' : open.has(true) ? 'allowed' : 'refused', conditions }
}

export interface ProfileFinding {
  /**
   * `denies-all`: no program can start. `allows-all`. `unknown-call`: no call of x86-64. `dead`: a rule that is never
   * asked. `like-default`: it does what the default does. `wide-open`: a call that leads out of a container.
   */
  readonly rule: 'denies-all' | 'allows-all' | 'unknown-call' | 'dead' | 'like-default' | 'wide-open'
  readonly level: 'error' | 'warning' | 'note'
  /** `syscalls[3]`, or `profile`. */
  readonly place: string
  readonly text: string
  readonly hint: string | null
}

/** Calls that every dynamically linked program makes before its own code runs. */
const STARTING = ['execve', 'mmap', 'brk', 'openat', 'read', 'close', 'fstat', 'exit_group', 'mprotect', 'arch_prctl']

/** Calls without which nothing runs, whatever it is. */
const LEAST = ['execve', 'exit_group', 'exit']

/** Calls that lead out of a container whose capabilities are not dropped. */
const LEADS_OUT = [
  'mount', 'init_module', 'finit_module', 'kexec_load', 'open_by_handle_at', 'bpf', 'ptrace', 'unshare',
]

const startFindings = (profile: Profile, container: Container): ProfileFinding[] => {
  const refused = (names: readonly string[]): string[] =>
    names.filter((name) => verdictOf(profile, name, container).verdict === 'refused')
  const lacking = refused(STARTING)
  if (refused(LEAST).length < LEAST.length && lacking.length < STARTING.length && !lacking.includes('execve')) return []
  return [{
    rule: 'denies-all', level: 'error', place: 'profile',
    text: `no program can start: ${lacking.slice(0, 4).join(', ')} and others are refused`,
    hint: 'allow what a program needs to begin; `--program-needs` lists the calls of a recorded run',
  }]
}

const allFindings = (profile: Profile, container: Container): ProfileFinding[] => {
  const refused = callNames().filter((name) => verdictOf(profile, name, container).verdict !== 'allowed')
  return refused.length > 0 ? [] : [{
    rule: 'allows-all', level: 'warning', place: 'profile', text: 'every call is allowed', hint: null,
  }]
}

/** Names that are calls of other architectures, which profiles of all have. */
const OTHER_ARCHES = new Set((
  '_llseek _newselect accept4 arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush chown32 clock_adjtime64 ' +
  'clock_getres_time64 clock_gettime64 clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32 fcntl64 fstat64 ' +
  'fstatat64 fstatfs64 ftruncate64 futex_time64 getegid32 geteuid32 getgid32 getgroups32 getresgid32 getresuid32 ' +
  'getuid32 io_pgetevents_time64 ipc lchown32 lstat64 mmap2 mq_timedreceive_time64 mq_timedsend_time64 nice ' +
  'ppoll_time64 pselect6_time64 recv recvmmsg_time64 riscv_flush_icache riscv_hwprobe rt_sigtimedwait_time64 ' +
  's390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr sched_rr_get_interval_time64 semtimedop_time64 send ' +
  'sendfile64 set_tls setfsgid32 setfsuid32 setgid32 setgroups32 setregid32 setresgid32 setresuid32 setreuid32 ' +
  'setuid32 sigaction sigpending sigprocmask sigreturn sigsuspend socketcall spu_create spu_run stat64 statfs64 ' +
  'bdflush oldfstat oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read pciconfig_write sgetmask ' +
  'signal ssetmask syscall vm86 vm86old idle break ftime gtty lock mpx prof stty ulimit multiplexer rtas ' +
  'stime swapcontext sync_file_range2 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 truncate64 ' +
  'ugetrlimit umount utimensat_time64 waitpid'
).split(' '))

const nameFindings = (rule: Rule): ProfileFinding[] => rule.names
  .filter((name) => syscallByName(name) === undefined && !OTHER_ARCHES.has(name))
  .map((name) => ({
    rule: 'unknown-call', level: 'warning', place: rule.place, text: `\`${name}\` is not a call of Linux`,
    hint: didYouMean(name, callNames()),
  }))

const conditionsKey = ({ args }: Rule): string =>
  args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`).sort().join(';')

/** The rule before it that answers first for each of its calls; null where it is asked. */
const coveredBy = (profile: Profile, rules: readonly Rule[], rule: Rule): Rule | null => {
  const covers = rule.names.map((name) => {
    const others = rules.filter((one) => one !== rule && one.names.includes(name) && !isDefault(profile, one))
    const always = others.find(({ args }) => args.length === 0)
    if (always !== undefined && (rule.args.length > 0 || rules.indexOf(always) < rules.indexOf(rule))) return always
    return others.find((one) => rules.indexOf(one) < rules.indexOf(rule) && conditionsKey(one) === conditionsKey(rule))
  })
  return covers.every((one) => one !== undefined) ? covers[0] ?? null : null
}

const ruleFindings = (profile: Profile, rules: readonly Rule[], rule: Rule): ProfileFinding[] => {
  if (rule.names.length === 0) {
    const text = 'the rule names no call, so it does nothing'
    return [{ rule: 'dead', level: 'warning', place: rule.place, text, hint: 'name calls in it' }]
  }
  const named = rule.names.slice(0, 3).join(', ') + (rule.names.length > 3 ? ' and others' : '')
  if (isDefault(profile, rule)) {
    return [{
      rule: 'like-default', level: 'note', place: rule.place,
      text: `the rule for ${named} does what the default does, so runtimes leave it out`, hint: null,
    }]
  }
  const cover = coveredBy(profile, rules, rule)
  return cover === null ? [] : [{
    rule: 'dead', level: 'warning', place: rule.place,
    text: `the rule for ${named} is never asked: ${cover.place} answers first`, hint: 'one of them can go',
  }]
}

const openFindings = (profile: Profile, container: Container): ProfileFinding[] => LEADS_OUT
  .filter((name) => verdictOf(profile, name, container).verdict === 'allowed').map((name) => ({
  rule: 'wide-open', level: 'note', place: verdictOf(profile, name, container).place ?? 'profile',
  text: `\`${name}\` is allowed, which leads out of a container that has the capability`, hint: null,
}))

/** All that is wrong with a profile, or may be. */
export const checkProfile = (profile: Profile, container: Container = {}): ProfileFinding[] => {
  const rules = rulesFor(profile, container)
  return [
    ...startFindings(profile, container), ...allFindings(profile, container),
    ...profile.rules.flatMap(nameFindings), ...rules.flatMap((rule) => ruleFindings(profile, rules, rule)),
    ...openFindings(profile, container),
  ]
}
