/** Limits of resources: what profiles allow, and what a change of profile does to them (resource.c). */
import { CAP_SYS_RESOURCE, EACCES } from '@lsmkit/abi'
import type { Rlimit, Task } from '@lsmkit/core'
import { auditProfile, labelField } from '../audit/record.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { forEachConfined, forEachProfile, taskLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { capable } from './capability.ts'

const names = [
  'cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile', 'memlock', 'as', 'locks', 'sigpending', 'msgqueue',
  'nice', 'rtprio', 'rttime',
]

/** Numbers beyond 2^53 are no limit. */
const INFINITE = 1n << 63n
const limitOf = (value: bigint): number => (value >= INFINITE ? Infinity : Number(value))

const textOf = (value: number): string => (value === Infinity ? '18446744073709551615' : String(value))

const isSet = ({ rlimits }: LoadedProfile, resource: number): boolean =>
  rlimits !== null && (rlimits.mask & (1 << resource)) !== 0

const hardLimit = ({ rlimits }: LoadedProfile, resource: number): number => limitOf(rlimits?.limits[resource] ?? 0n)

const CAP_OPT_NOAUDIT = 2

/** As `aa_task_setrlimit`: another's limits need the capability, one's own must stay within the profile's. */
export const maySetRlimit = (aa: Apparmor, label: Label, task: Task, resource: number, next: Rlimit): number => {
  const peer = taskLabel(aa, task)
  if (label !== peer && capable(aa, aa.ctx.current.task.cred, label, CAP_SYS_RESOURCE, CAP_OPT_NOAUDIT) !== 0) {
    return forEachProfile(label, (profile) =>
      audit(aa, profile, resource, next.rlim_max, peer, 'cap_sys_resource', -EACCES))
  }
  return forEachConfined(label, (profile) => {
    const above = isSet(profile, resource) && next.rlim_max > hardLimit(profile, resource)
    return audit(aa, profile, resource, next.rlim_max, null, null, above ? -EACCES : 0)
  })
}

const audit = (
  aa: Apparmor, profile: LoadedProfile, resource: number, value: number, peer: Label | null, info: string | null,
  error: number,
): number => auditProfile(aa, null, profile, {
  operation: 'setrlimit',
  class: 'rlimits',
  info,
  error,
  fields: ({ namespace }) => ` rlimit=${names[resource]} value=${textOf(value)}` +
    `${peer === null ? '' : ` peer=${labelField(namespace, peer)}`}`,
})

/** As `__aa_transition_rlimits`: what the old profiles ruled is as at first, what the new ones rule is cut. */
export const changeRlimits = (aa: Apparmor, from: Label, to: Label): void => {
  const { current: { task }, host } = aa.ctx
  const limits = task.signal?.rlim
  if (limits === undefined) return
  const initial = host.init_rlimits?.() ?? []
  eachRuled(from, (_, resource) => {
    const { rlim_max } = limits[resource]!
    limits[resource] = { rlim_max, rlim_cur: Math.min(rlim_max, initial[resource]?.rlim_cur ?? rlim_max) }
  })
  eachRuled(to, (profile, resource) => {
    const old = limits[resource]!
    const rlim_max = Math.min(old.rlim_max, hardLimit(profile, resource))
    limits[resource] = { rlim_max, rlim_cur: Math.min(old.rlim_cur, rlim_max) }
  })
}

const eachRuled = (label: Label, change: (profile: LoadedProfile, resource: number) => void): void => {
  for (const profile of label.profiles) {
    if (profile.isUnconfined) continue
    for (let resource = 0; resource < names.length; resource++) {
      if (isSet(profile, resource)) change(profile, resource)
    }
  }
}
