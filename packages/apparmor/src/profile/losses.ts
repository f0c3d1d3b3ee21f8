/** Rules that lose their meaning on a target: each is listed with its place. */
import type { ClassRule } from './ast.ts'
import type { ProfileWarning } from './errors.ts'
import { nameOf } from './place.ts'
import type { ResolvedProfile } from './resolved.ts'
import { ALL_NET } from './access-words.ts'
import { featurePath, hasOldNetwork, type Target, type TargetFeature } from './target.ts'

/** The feature that a class of rules needs. */
const NEEDED: Readonly<Partial<Record<ClassRule['kind'], TargetFeature>>> = {
  network: 'networkV8', unix: 'unix', mount: 'mount', signal: 'signal', ptrace: 'ptrace', dbus: 'dbus',
  io_uring: 'ioUring',
  userns: 'userns',
}

const warning = (code: ProfileWarning['code'], message: string, place: ProfileWarning['place']): ProfileWarning =>
  ({ code, message, place })

const notEnforced = (rule: ClassRule, feature: TargetFeature): ProfileWarning => (
  warning('not-enforced', `${rule.kind} rule is not enforced: the target has no ${featurePath(feature)}`, rule.place)
)

/** A target without unix rules gets a network rule for the whole family; a denial has no such stand-in. */
const unixLoss = (rule: ClassRule & { readonly kind: 'unix' }, target: Target): ProfileWarning | null => {
  // What a network rule or `all` implies was not written by anyone.
  if (!rule.downgrade || target.unix) return null
  if (rule.mode === 'deny') {
    return warning(
      'not-enforced', 'denial of unix sockets is not enforced: the target has no network/af_unix', rule.place,
    )
  }
  if (!target.networkV8 && !hasOldNetwork(target)) return notEnforced(rule, 'unix')
  return warning('downgraded', 'unix rule holds for the whole family: the target has no network/af_unix', rule.place)
}

const queueLoss = (rule: ClassRule & { readonly kind: 'mqueue' }, target: Target): ProfileWarning | null => {
  const has = (target.posixMqueue && rule.type !== 'sysv') || (target.sysvMqueue && rule.type !== 'posix')
  return has ? null : notEnforced(rule, rule.type === 'sysv' ? 'sysvMqueue' : 'posixMqueue')
}

/** Kernels before 4.17 know families and types alone. */
const oldNetworkLoss = ({ local, peer, perms, place }: ClassRule & { readonly kind: 'network' }) => {
  const isPlain = perms === ALL_NET && [local, peer].every(({ ip, ports }) => ip === null && ports === null)
  return isPlain
    ? null
    : warning('downgraded', 'network rule holds for every access: the target has no network_v8', place)
}

const ruleLoss = (rule: ClassRule, target: Target): ProfileWarning | null => {
  if (rule.kind === 'all') return null
  if (rule.kind === 'unix') return unixLoss(rule, target)
  if (rule.kind === 'mqueue') return queueLoss(rule, target)
  if (rule.kind === 'network' && hasOldNetwork(target)) return oldNetworkLoss(rule)
  const feature = NEEDED[rule.kind]!
  if (!target[feature]) return notEnforced(rule, feature)
  const ends = rule.kind === 'network' && [rule.local, rule.peer].some(({ ip, ports }) => ip !== null || ports !== null)
  if (!ends || target.inet) return null
  return warning('downgraded', 'addresses and ports are ignored: the target has no network_v8/af_inet', rule.place)
}

const flagLosses = ({ flags, place, xattrs }: ResolvedProfile, target: Target): ProfileWarning[] => {
  const lost: ProfileWarning[] = []
  const add = (used: boolean, has: boolean, what: string): void => {
    if (used && !has) lost.push(warning('not-enforced', `${what} is not known to the target`, place))
  }
  add(flags.interruptible, target.interruptible, 'flag interruptible')
  add(flags.signal !== null, target.killSignal, 'flag kill.signal')
  add(flags.error !== null, target.error, 'flag error')
  add(xattrs !== null, target.xattr && target.outOfBand, 'the condition on extended attributes')
  return lost
}

const fileLosses = ({ files }: ResolvedProfile, target: Target): ProfileWarning[] => files.flatMap((entry) => {
  if (entry.mode === 'prompt' && !target.permTables) {
    return [
      warning('not-enforced', 'prompt rule is not enforced: the target has no usable policy/permstable32', entry.place),
    ]
  }
  if ((entry.perms & 0x80000000) !== 0 && entry.audit && entry.mode !== 'deny') {
    return [warning('not-enforced', 'no kernel records the use of a change_profile rule', entry.place)]
  }
  return []
})

/** The parts of a profile that the target does not support. Rules that `all` stands for are not listed one by one. */
export const lossesOf = (profile: ResolvedProfile, target: Target): ProfileWarning[] => {
  const implied = new Set(profile.rules.filter(({ kind }) => kind === 'all').map(({ place }) => place))
  const rules = profile.rules.filter(({ place }) => !implied.has(place)).flatMap((rule) => ruleLoss(rule, target) ?? [])
  const cut = target.permTables ? profile.transitions.filter((name) => /^:.*:/su.test(name)) : []
  return [
    ...flagLosses(profile, target), ...rules, ...fileLosses(profile, target),
    ...cut.map(
      (name) => warning(
        'changed-rule', `target \`${nameOf(name)}\` is cut to its namespace, as apparmor_parser does`, profile.place,
      ),
    ),
  ]
}
