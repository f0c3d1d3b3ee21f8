/** Rules of all classes but files as strings, and the strings that say which classes a policy mediates. */
import { DBUS_BIND, DBUS_EAVESDROP, DBUS_RECEIVE, DBUS_SEND, OVERRIDE_CREDS } from './access-words.ts'
import type { ClassRule, DbusRule, IoUringRule, MqueueRule, PtraceRule, SignalRule, UsernsRule } from './ast.ts'
import {
  AA_CLASS_DBUS, AA_CLASS_FILE, AA_CLASS_IO_URING, AA_CLASS_LABEL, AA_CLASS_MOUNT, AA_CLASS_NET, AA_CLASS_NS,
  AA_CLASS_POSIX_MQUEUE, AA_CLASS_PTRACE, AA_CLASS_SIGNAL, CLASS_OLD_NET, CLASS_SYSV_MQUEUE,
} from './class-numbers.ts'
import { encodeMount } from './encode-mounts.ts'
import { encodeNetwork, encodeUnix } from './encode-sockets.ts'
import { ANYTHING, hexByte, SOMETHING, type EncodedRule } from './encoded.ts'
import { globPattern } from './glob.ts'
import { packNet } from './net-perms.ts'
import type { Target } from './target.ts'

const ruleOf = (rule: ClassRule, parts: readonly string[], perms: number): EncodedRule => ({
  parts, perms, audit: rule.audit ? perms : 0, priority: rule.priority, mode: rule.mode ?? 'allow', rule,
})

const labelOr = (label: string | null, otherwise: string): string => label === null ? otherwise : globPattern(label)

const encodeSignal = (rule: SignalRule): EncodedRule => {
  const signals = rule.signals.length === 0
    ? `(${hexByte(AA_CLASS_LABEL)}${hexByte(AA_CLASS_SIGNAL)}|${hexByte(AA_CLASS_SIGNAL)}.)`
    : `${hexByte(AA_CLASS_SIGNAL)}[${rule.signals.map(hexByte).join('')}]`
  return ruleOf(rule, [signals + labelOr(rule.peer, SOMETHING)], rule.perms)
}

const encodePtrace = (rule: PtraceRule): EncodedRule => {
  const start = `(${hexByte(AA_CLASS_LABEL)}|)${hexByte(AA_CLASS_PTRACE)}`
  return ruleOf(rule, [start + labelOr(rule.peer, SOMETHING)], rule.perms)
}

const encodeDbus = (rule: DbusRule): EncodedRule[] => {
  const parts = [
    rule.bus === null ? hexByte(AA_CLASS_DBUS) + ANYTHING : globPattern(rule.bus, 'name', hexByte(AA_CLASS_DBUS)),
    ...[rule.name, rule.peerLabel, rule.path, rule.interface, rule.member].map((glob) => labelOr(glob, ANYTHING)),
  ]
  const kinds = [[DBUS_BIND, 2], [DBUS_SEND | DBUS_RECEIVE, 6], [DBUS_EAVESDROP, 1]] as const
  return kinds.filter(([bits]) => (rule.perms & bits) !== 0)
    .map(([bits, count]) => ruleOf(rule, parts.slice(0, count), rule.perms & bits))
}

/** A key of a System V queue as its four bytes. */
const keyText = (name: string | null): string => {
  if (name === null) return '....'
  const key = Number(BigInt(name) & 0xffffffffn)
  return [24, 16, 8, 0].map((shift) => hexByte(key >>> shift & 0xff)).join('')
}

const encodeQueue = (rule: MqueueRule, start: string, label: string): EncodedRule[] => {
  const perms = packNet(rule.perms)
  const labelled = ruleOf(rule, [start, label], perms)
  return rule.label === null ? [ruleOf(rule, [start], perms), labelled] : [labelled]
}

const encodeMqueue = (rule: MqueueRule, target: Target): EncodedRule[] => {
  const supported = { posix: target.posixMqueue, sysv: target.sysvMqueue }
  if (rule.type === null ? !supported.posix && !supported.sysv : !supported[rule.type]) return []
  const rules: EncodedRule[] = []
  const posix = hexByte(AA_CLASS_POSIX_MQUEUE)
  const label = labelOr(rule.label, SOMETHING)
  if (rule.type !== 'sysv') {
    rules.push(
      ...encodeQueue(rule, rule.name === null ? posix + ANYTHING : globPattern(rule.name, 'name', posix), label),
    )
  }
  if (rule.type === 'posix') return rules
  // As apparmor_parser: a rule of both kinds has its label twice here.
  const own = rule.type === null && rule.label !== null ? label + label : label
  return [...rules, ...encodeQueue(rule, hexByte(CLASS_SYSV_MQUEUE) + keyText(rule.name), own)]
}

/** The class itself carries permissions here, so that the sign of mediation has the rank of the rule. */
const mediatedAt = (rule: IoUringRule | UsernsRule, text: string): EncodedRule =>
  ({ parts: [text], perms: MEDIATED, audit: 0, priority: rule.priority, mode: 'allow', rule: null })

const encodeIoUring = (rule: IoUringRule): EncodedRule[] => {
  const start = hexByte(AA_CLASS_IO_URING)
  const label = labelOr(rule.label, ANYTHING)
  const rules = [ruleOf(rule, [start], rule.perms), mediatedAt(rule, start)]
  if ((rule.perms & OVERRIDE_CREDS) !== 0) rules.push(ruleOf(rule, [start + label], rule.perms))
  return rules
}

const encodeUserns = (rule: UsernsRule): EncodedRule[] => {
  const start = hexByte(AA_CLASS_NS)
  return [ruleOf(rule, [start], rule.perms), mediatedAt(rule, start)]
}

/** The strings of a rule; none when the target cannot mediate its class. Throws `GlobError` and `ProfileError`. */
export const encodeClassRule = (rule: ClassRule, target: Target): EncodedRule[] => {
  switch (rule.kind) {
    case 'network': return encodeNetwork(rule, target)
    case 'unix': return encodeUnix(rule, target)
    case 'mount': return target.mount ? encodeMount(rule) : []
    case 'signal': return target.signal ? [encodeSignal(rule)] : []
    case 'ptrace': return target.ptrace ? [encodePtrace(rule)] : []
    case 'dbus': return target.dbus ? encodeDbus(rule) : []
    case 'mqueue': return encodeMqueue(rule, target)
    case 'io_uring': return target.ioUring ? encodeIoUring(rule) : []
    case 'userns': return target.userns ? encodeUserns(rule) : []
    case 'all': return []
  }
}

/** The permission that a class has so that its state is alive. */
const MEDIATED = 0x4
/** Above and below what a rule can have. */
const HIGHEST = 1001
const LOWEST = -1001

const decimal = (number: number): string => `\\d${number}`

/** Classes that a policy mediates even without a rule of them. */
export const mediatedClasses = (target: Target, unconfined: boolean): EncodedRule[] => {
  const rules: EncodedRule[] = []
  const add = (has: boolean, text: string, priority = HIGHEST): void => {
    if (has) rules.push({ parts: [text], perms: MEDIATED, audit: 0, priority, mode: 'allow', rule: null })
  }
  add(target.userns, decimal(AA_CLASS_NS), LOWEST)
  if (unconfined) return rules
  add(target.abi > 5, decimal(AA_CLASS_FILE))
  add(target.mount, decimal(AA_CLASS_MOUNT))
  add(target.dbus, decimal(AA_CLASS_DBUS))
  add(target.signal, decimal(AA_CLASS_SIGNAL))
  add(target.ptrace, decimal(AA_CLASS_PTRACE))
  add(target.networkV8, decimal(AA_CLASS_NET))
  add(target.unix, decimal(CLASS_OLD_NET))
  // The digit 4 as text, a NUL and the digit 1: a slip of apparmor_parser that kernels never ask for.
  add(target.unix, `${CLASS_OLD_NET}\\0001`)
  add(target.posixMqueue, decimal(AA_CLASS_POSIX_MQUEUE))
  add(target.sysvMqueue, decimal(CLASS_SYSV_MQUEUE))
  add(target.ioUring, decimal(AA_CLASS_IO_URING), LOWEST)
  return rules
}
