/** `compile(policy, facts)`: a pure function from a policy and what a kernel can do to a plan. */
import { RLIMIT_CORE, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_NPROC } from '@lsmkit/abi'
import { aBoolean, aString, checkOptions, listOf, nameOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { checkPolicy, Hosts, landlockRules, policyWithin, wholeAllow } from '@lsmkit/sandbox/policy-parts'
import type { Policy, User, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { limitNumbers } from '@lsmkit/wasi/limits'
import { NativeError } from '../native-error.ts'
import type { CallChoice } from './calls.ts'
import { callFilter } from './filter.ts'
import type { Facts } from './facts.ts'
import { gapIds } from './gaps.ts'
import type { GapId } from './gaps.ts'
import { landlockPlan } from './landlock-plan.ts'
import { linesOf } from './lines.ts'
import type { CgroupPlan, Plan } from './plan.ts'

export interface CompileOptions {
  /** Ids of what this kernel need not hold, or of what is to be opened. */
  readonly accept?: readonly string[]
  /** A role of the policy. */
  readonly role?: string
  /** A listener is put on with the filter, so programs may not put on filters of their own. */
  readonly listener?: boolean
  /** Paths of the policy whose refusals the kernel does not log. Before Landlock's ABI 10 it logs them. */
  readonly quiet?: readonly string[]
}

const rules: OptionRules<CompileOptions> = {
  accept: listOf(nameOf(gapIds, 'part of a policy that can be accepted')), role: aString, listener: aBoolean,
  quiet: listOf(aString),
}

/** The policy as a role of it has it. */
const inRole = (policy: Policy, name: string | undefined): Policy => {
  if (name === undefined) return policy
  const role = Object.hasOwn(policy.roles ?? {}, name) ? policy.roles![name]! : null
  if (role === null) {
    throw new NativeError('no-role', `there is no role \`${name}\``, {
      place: 'role', hint: Object.keys(policy.roles ?? {}).join(', ') || '`roles` in the policy',
    })
  }
  const { allow = policy.allow, user = policy.user, label = policy.label } = role
  policyWithin({ allow: allow ?? {} }, { allow: policy.allow ?? {} }, `roles: ${name}`)
  return {
    ...policy, ...(allow === undefined ? {} : { allow }), ...(user === undefined ? {} : { user }),
    ...(label === undefined ? {} : { label }),
  }
}

const tcp = ({ connect, listen, hosts }: WholeAllow): boolean =>
  new Hosts(hosts).ports.length > 0 || [...connect, ...listen].some((peer) => typeof peer === 'number')

const choiceOf = (allow: WholeAllow, accept: ReadonlySet<string>, listener: boolean): CallChoice => ({
  tcp: tcp(allow), unix: [...allow.connect, ...allow.listen].includes('unix'), udp: accept.has('udp'),
  listens: allow.listen.length > 0, attributes: accept.has('attributes'),
  attributeReads: accept.has('attribute-reads'), fileEvents: accept.has('file-events'), listener,
})

/** Users by names that every box has, and by number. */
const knownUsers: ReadonlyMap<string, number> = new Map([['root', 0], ['guest', 1000], ['nobody', 65_534]])

/** The user that the program has to be: its number, or null where the host cannot make it so. */
export const userOf = (user: User, facts: Facts): number | null => {
  const uid = typeof user === 'string' ? knownUsers.get(user) ?? null : user
  return uid === facts.uid || facts.uid === 0 ? uid : null
}

const cgroupPlan = (limits: ReturnType<typeof limitNumbers>, { cgroup }: Facts): CgroupPlan | null => {
  if (cgroup === null) return null
  const memory = cgroup.memory && limits.memory < Infinity ? limits.memory : null
  const pids = cgroup.pids && limits.processes < Infinity ? limits.processes : null
  return memory === null && pids === null ? null : { parent: cgroup.path, memory, pids }
}

/** The limits that the policy states: a native program needs more than a guest, so there are no defaults. */
export const statedLimits = ({ limits = {} }: Policy): ReturnType<typeof limitNumbers> =>
  limitNumbers({ ...noLimits, ...limits })

const noLimits = {
  time: 'none', memory: 'none', tables: 'none', output: 'none', files: 'none', inodes: 'none', descriptors: 'none',
  processes: 'none', connections: 'none', traffic: 'none', loops: false,
} as const

const rlimits = (
  limits: ReturnType<typeof limitNumbers>, cgroup: CgroupPlan | null, { uid, tasks }: Facts,
): (readonly [number, number])[] => {
  const list: (readonly [number, number])[] = [[RLIMIT_CORE, 0]]
  const limit = (resource: number, value: number): unknown => value < Infinity && list.push([resource, value])
  if ((cgroup?.memory ?? null) === null) limit(RLIMIT_DATA, limits.memory)
  limit(RLIMIT_FSIZE, limits.files)
  limit(RLIMIT_NOFILE, limits.descriptors)
  // the kernel counts all tasks of the user, and never root's
  if ((cgroup?.pids ?? null) === null && uid !== 0) limit(RLIMIT_NPROC, limits.processes + tasks)
  return list
}

const BASE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The plan for a policy on a host. Throws OptionError and SandboxError for a policy or options that are wrong, and
 * NativeError `no-role`. A line that cannot be held is in `gaps` of the plan, unless `accept` names it.
 */
export const compile = (given: Policy, facts: Facts, options: CompileOptions = {}): Plan => {
  checkOptions(options, rules, 'compile')
  const { accept = [], role, listener = false, quiet = [] } = options
  const policy = inRole(checkPolicy(given), role)
  const accepted = new Set(accept)
  const allow = wholeAllow(policy.allow ?? {})
  const hostPorts = new Hosts(allow.hosts).ports
  const isProxied = hostPorts.length > 0 && !accepted.has('hosts') && facts.seccomp && facts.notifies
  const choice = choiceOf(allow, accepted, listener || isProxied)
  const limits = statedLimits(policy)
  const cgroup = cgroupPlan(limits, facts)
  const uid = policy.user === undefined ? null : userOf(policy.user, facts)
  const landlock = facts.landlock === 0 ? null
    : landlockPlan(policy, {
      // with a proxy the one port is the proxy's, which is known when it starts
      rules: landlockRules(isProxied ? { ...allow, hosts: [] } : allow), facts, udp: choice.udp,
      hosts: hostPorts, quiet,
    })
  const lines = linesOf({ policy, allow, facts, choice, limits, cgroup, isProxied, hasUser: uid !== null, quiet })
  const gaps = [...new Set(lines.flatMap(({ gap }) => (gap === null || accepted.has(gap) ? [] : [gap])))] as GapId[]
  const { env = {} } = policy
  const privates = Object.entries(policy.mounts ?? {})
    .flatMap(([path, place]) => (place.kind === 'memory' ? [path] : []))
  return {
    landlock,
    filter: facts.seccomp ? callFilter(facts.arch, choice) : null,
    limits: rlimits(limits, cgroup, facts), cgroup, time: limits.time, output: limits.output,
    env: { PATH: BASE_PATH, ...env },
    user: uid === null || uid === facts.uid ? null : { uid, gid: uid },
    resolve: policy.resolve === true,
    privates, lines, gaps,
    hosts: isProxied ? { allow, limits: { connections: limits.connections, traffic: limits.traffic } } : null,
  }
}
