/** Landlock's three system calls on the engine that the module gives (security/landlock/syscalls.c). */
import {
  CAP_SYS_ADMIN, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, FMODE_CAN_READ, FMODE_CAN_WRITE,
  LANDLOCK_CREATE_RULESET_ERRATA, LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF,
  LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS, LANDLOCK_RESTRICT_SELF_TSYNC,
  LANDLOCK_RULE_NET_PORT, LANDLOCK_RULE_PATH_BENEATH, PFA_NO_NEW_PRIVS,
} from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { Cred, LandlockEngine, LandlockRuleset, Task } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { copyBytes, copyStruct } from '../landlock/attr.ts'
import { openRuleset, pathOfRule, rulesetOf } from '../landlock/ruleset-files.ts'
import type { Machine } from '../machine.ts'
import { signalOf } from '../state/task/thread.ts'

/** Bytes of handled_access_fs, which every program has to give. */
const MIN_ATTR = 8
const PATH_BENEATH_SIZE = 12
const NET_PORT_SIZE = 16

/** Null when the module is not built in or not enabled. */
const engineOf = (
  machine: Machine,
): LandlockEngine | null => (machine.landlock?.isEnabled === true ? machine.landlock : null)

const landlock_create_ruleset = (machine: Machine, attr: GuestBytes | null, size: number, flags: number): number => {
  const engine = engineOf(machine)
  if (engine === null) return -EOPNOTSUPP
  if (flags >>> 0 !== 0) {
    if (attr !== null || size !== 0) return -EINVAL
    if (flags >>> 0 === LANDLOCK_CREATE_RULESET_VERSION) return engine.abi
    return flags >>> 0 === LANDLOCK_CREATE_RULESET_ERRATA ? engine.errata : -EINVAL
  }
  const words = copyStruct(attr, size, MIN_ATTR, engine.attrSize)
  if (typeof words === 'number') return words
  const [fs = 0n, net = 0n, scoped = 0n, ...quiet] = words
  const [quietFs = 0n, quietNet = 0n, quietScoped = 0n] = quiet
  const ruleset = engine.create({ fs, net, scoped, quiet: { fs: quietFs, net: quietNet, scoped: quietScoped } })
  return typeof ruleset === 'number' ? ruleset : openRuleset(machine, ruleset)
}

const addPath = (
  machine: Machine, engine: LandlockEngine, ruleset: LandlockRuleset, attr: unknown, flags: number,
): number => {
  const view = copyBytes(attr, PATH_BENEATH_SIZE)
  if (view === null) return -EFAULT
  return engine.addPath(ruleset, view.getBigUint64(0, true), () => pathOfRule(machine, view.getInt32(8, true)), flags)
}

const addPort = (engine: LandlockEngine, ruleset: LandlockRuleset, attr: unknown, flags: number): number => {
  const view = copyBytes(attr, NET_PORT_SIZE)
  if (view === null) return -EFAULT
  return engine.addPort(ruleset, view.getBigUint64(0, true), view.getBigUint64(8, true), flags)
}

const landlock_add_rule = (
  machine: Machine, fd: number, type: number, attr: GuestBytes | null, flags: number,
): number => {
  const engine = engineOf(machine)
  if (engine === null) return -EOPNOTSUPP
  if ((flags & ~(engine.ruleFlags ?? 0)) !== 0) return -EINVAL
  const ruleset = rulesetOf(machine, fd | 0, FMODE_CAN_WRITE)
  if (typeof ruleset === 'number') return ruleset
  switch (type >>> 0) {
    case LANDLOCK_RULE_PATH_BENEATH:
      return addPath(machine, engine, ruleset, attr, flags)
    // ports came with ABI 4
    case LANDLOCK_RULE_NET_PORT:
      return engine.abi < 4 ? -EINVAL : addPort(engine, ruleset, attr, flags)
    default:
      return -EINVAL
  }
}

const mayRestrict = (machine: Machine, { atomic_flags, cred }: Task): boolean =>
  (atomic_flags & PFA_NO_NEW_PRIVS) !== 0 ||
  ns_capable_noaudit(machine.lsm, machine.current, cred.user_ns, CAP_SYS_ADMIN)

const landlock_restrict_self = (machine: Machine, fd: number, flags: number): number => {
  const engine = engineOf(machine)
  if (engine === null) return -EOPNOTSUPP
  const setsNoNewPrivs = (flags & engine.restrictFlags & LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS) !== 0
  const isUnknown = (flags & ~engine.restrictFlags) !== 0
  // where a flag gives the privilege, flags are looked at first
  if (isUnknown && (engine.restrictFlags & LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS) !== 0) return -EINVAL
  if (!setsNoNewPrivs && !mayRestrict(machine, machine.current.task)) return -EPERM
  if (isUnknown) return -EINVAL
  // without a ruleset only the logging of subdomains can be changed
  const logsAlone = (flags & ~LANDLOCK_RESTRICT_SELF_TSYNC) === LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
  const ruleset = (fd | 0) === -1 && logsAlone ? null : rulesetOf(machine, fd | 0, FMODE_CAN_READ)
  if (typeof ruleset === 'number') return ruleset
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  const rc = engine.restrict(ruleset, next, flags)
  if (rc !== 0) {
    machine.creds.abort_creds(next)
    return rc
  }
  const caller = machine.current.task
  const siblings = (flags & LANDLOCK_RESTRICT_SELF_TSYNC) === 0 ? [] : prepareSiblings(machine, engine, next)
  if (siblings === null) return -ENOMEM
  // past the last point of failure
  if (setsNoNewPrivs) caller.atomic_flags |= PFA_NO_NEW_PRIVS
  for (const [thread, own] of siblings) {
    thread.atomic_flags |= caller.atomic_flags & PFA_NO_NEW_PRIVS
    asThread(machine, thread, () => machine.creds.commit_creds(own))
  }
  return machine.creds.commit_creds(next)
}

type Prepared = readonly (readonly [thread: Task, next: Cred])[]

const asThread = <T>(machine: Machine, thread: Task, run: () => T): T => {
  const caller = machine.current.task
  machine.current.task = thread
  try {
    return run()
  } finally {
    machine.current.task = caller
  }
}

/** As `landlock_restrict_sibling_threads`: for all other threads of the process, or null and `next` is given up. */
const prepareSiblings = (machine: Machine, engine: LandlockEngine, next: Cred): Prepared | null => {
  const caller = machine.current.task
  const prepared: [thread: Task, next: Cred][] = []
  for (const thread of signalOf(caller).threads) {
    if (thread === caller) continue
    const own = asThread(machine, thread, () => machine.creds.prepare_creds())
    if (own === null) {
      for (const [, each] of prepared) machine.creds.abort_creds(each)
      machine.creds.abort_creds(next)
      return null
    }
    engine.copyDomain(own, next)
    prepared.push([thread, own])
  }
  return prepared
}

export const landlockSyscalls = { landlock_create_ruleset, landlock_add_rule, landlock_restrict_self }
