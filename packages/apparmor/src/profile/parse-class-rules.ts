/**
 * Rules of the classes whose accesses and conditions fit in a table: signal, ptrace, dbus, unix, mqueue, io_uring,
 * userns.
 */
import { dictionary } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import {
  allAccesses, ALL_NET, DBUS_BIND, DBUS_EAVESDROP, DBUS_RECEIVE, DBUS_SEND, DBUS_WORDS, IO_URING_WORDS, MQUEUE_WORDS,
  NET_WORDS,
  PEER_NET, PTRACE_WORDS, SIGNAL_WORDS, USERNS_WORDS,
} from './access-words.ts'
import type {
  ClassRule, Condition, DbusRule, IoUringRule, MqueueRule, PtraceRule, RuleBase, SignalRule, UnixRule, UsernsRule,
} from './ast.ts'
import { ProfileError } from './errors.ts'
import { parseAccesses, parseConditions, parseGroup, singleValue } from './parse-conditions.ts'
import { socketType } from './sockets.ts'
import type { Scanner } from './scan.ts'
import { meaningOf } from './unescape.ts'
import { signalNames, signalNumber } from './words.ts'

/** Values by the names of their conditions; each name once. */
const collect = (
  conditions: readonly Condition[], rule: string, names: readonly string[],
): Partial<Record<string, string>> => {
  const values: Partial<Record<string, string>> = dictionary<string>()
  for (const condition of conditions) {
    const { name, place } = condition
    if (!names.includes(name)) throw unknownCondition(condition, rule, names)
    if (values[name] !== undefined) throw new ProfileError('bad-condition', `\`${name}\` is named twice`, place)
    if (condition.values === null) throw new ProfileError('bad-condition', `\`${name}\` has no value`, place)
    values[name] = singleValue(condition, rule)
  }
  return values
}

export const unknownCondition = ({ name, place }: Condition, rule: string, names: readonly string[]): ProfileError =>
  new ProfileError('bad-condition', `\`${name}\` is not a condition of a ${rule} rule`, place, {
    hint: didYouMean(name, names) ?? (names.length === 0 ? 'it takes no conditions' : `it takes ${names.join(', ')}`),
  })

const end = (scanner: Scanner, context: 'signal' | 'ptrace' | 'dbus' | 'unix' | 'mqueue' | 'rule' | 'userns'): void => {
  scanner.expect(context, ',', 'a comma behind the rule')
}

const signalsOf = (condition: Condition): number[] => condition.values!.map((name) => {
  const number = signalNumber(name)
  if (number !== null) return number
  throw new ProfileError(
    'bad-value', `there is no signal \`${name}\``, condition.place, { hint: didYouMean(name, signalNames) },
  )
})

export const parseSignal = (scanner: Scanner, base: RuleBase): SignalRule => {
  const perms = parseAccesses(scanner, 'signal', SIGNAL_WORDS) || allAccesses(SIGNAL_WORDS)
  const conditions = parseConditions(scanner, 'signal')
  end(scanner, 'signal')
  const sets = conditions.filter(({ name }) => name === 'set')
  for (const { equals, place } of sets) {
    if (!equals) throw new ProfileError('bad-condition', '`set` needs `=`', place)
  }
  const signals = [...new Set(sets.flatMap(signalsOf))].sort((a, b) => a - b)
  const { peer } = collect(conditions.filter(({ name }) => name !== 'set'), 'signal', ['peer'])
  return { ...base, kind: 'signal', perms, signals, peer: peer ?? null }
}

export const parsePtrace = (scanner: Scanner, base: RuleBase): PtraceRule => {
  const perms = parseAccesses(scanner, 'ptrace', PTRACE_WORDS) || allAccesses(PTRACE_WORDS)
  const { peer } = collect(parseConditions(scanner, 'ptrace'), 'ptrace', ['peer'])
  end(scanner, 'ptrace')
  return { ...base, kind: 'ptrace', perms, peer: peer ?? null }
}

const DBUS_CONDITIONS = ['bus', 'name', 'label', 'path', 'interface', 'member']

/** What is wrong with a dbus rule, or null. */
const dbusMistake = (perms: number, message: boolean, service: boolean): string | null => {
  if (message && service) return 'a dbus rule is either of messages or of a service'
  if (message && (perms & DBUS_BIND) !== 0) return '`bind` cannot stand with conditions of messages'
  if (service && (perms & (DBUS_SEND | DBUS_RECEIVE)) !== 0) {
    return '`send` and `receive` cannot stand with the name of a service'
  }
  if ((message || service) && (perms & DBUS_EAVESDROP) !== 0) return '`eavesdrop` takes the condition `bus` alone'
  return null
}

export const parseDbus = (scanner: Scanner, base: RuleBase): DbusRule => {
  const written = parseAccesses(scanner, 'dbus', DBUS_WORDS)
  const own = collect(parseConditions(scanner, 'dbus'), 'dbus', DBUS_CONDITIONS)
  const peer = collect(parseGroup(scanner, 'dbus', 'peer') ?? [], 'dbus', DBUS_CONDITIONS)
  end(scanner, 'dbus')
  if (own.label !== undefined) {
    throw new ProfileError('bad-condition', '`label` of a dbus rule stands inside `peer=()`', base.place)
  }
  for (const name of Object.keys(peer)) {
    if (own[name] !== undefined) throw new ProfileError('bad-condition', `\`${name}\` is named twice`, base.place)
  }
  const all = { ...own, ...peer }
  const service = own.name !== undefined
  const message = (all.path ?? all.interface ?? all.member ?? all.label ?? peer.name) !== undefined
  const mistake = dbusMistake(written, message, service)
  if (mistake !== null) throw new ProfileError('bad-condition', mistake, base.place)
  const implied = message ? DBUS_SEND | DBUS_RECEIVE : service ? DBUS_BIND : allAccesses(DBUS_WORDS)
  return {
    ...base, kind: 'dbus', perms: written || implied, bus: all.bus ?? null, name: all.name ?? null,
    peerLabel: all.label ?? null,
    path: all.path ?? null, interface: all.interface ?? null, member: all.member ?? null,
  }
}

const addressOf = (value: string | undefined, base: RuleBase): string | null => {
  if (value === undefined) return null
  if (value.startsWith('@') || value === 'none' || value === 'auto') return value
  throw new ProfileError('bad-value', `\`${value}\` is not an address of a unix socket`, base.place, {
    hint: 'an address is `@` and a name, `none` or `auto`',
  })
}

export const parseUnix = (scanner: Scanner, base: RuleBase): UnixRule => {
  const written = parseAccesses(scanner, 'unix', NET_WORDS)
  const conditions = parseConditions(scanner, 'unix')
  const own = collect(conditions, 'unix', ['type', 'addr'])
  const peer = collect(parseGroup(scanner, 'unix', 'peer') ?? [], 'unix', ['addr', 'label'])
  end(scanner, 'unix')
  const hasPeer = peer.addr !== undefined || peer.label !== undefined
  if (hasPeer && (written & ~PEER_NET) !== 0) {
    throw new ProfileError('bad-condition', 'accesses of one socket alone cannot stand with `peer=()`', base.place)
  }
  return {
    ...base, kind: 'unix', perms: written || ALL_NET,
    type: own.type === undefined ? null : socketType(own.type, base.place),
    label: null, address: addressOf(own.addr, base), peerLabel: peer.label ?? null,
    peerAddress: addressOf(peer.addr, base),
    downgrade: true,
  }
}

export const parseUserns = (scanner: Scanner, base: RuleBase): UsernsRule => {
  const perms = parseAccesses(scanner, 'userns', USERNS_WORDS) || allAccesses(USERNS_WORDS)
  end(scanner, 'userns')
  return { ...base, kind: 'userns', perms }
}

const MQUEUE_TYPES: readonly string[] = ['posix', 'sysv']

const queueType = (written: string | undefined, name: string | null, base: RuleBase): MqueueRule['type'] => {
  if (written !== undefined && !MQUEUE_TYPES.includes(written)) {
    throw new ProfileError('bad-value', `\`${written}\` is not a type of message queue`, base.place, {
      hint: didYouMean(written, MQUEUE_TYPES),
    })
  }
  if (name === null) return (written as MqueueRule['type'] | undefined) ?? null
  const implied = name.startsWith('/') ? 'posix' : /^[0-9]+$/u.test(name) ? 'sysv' : null
  if (implied === null || (written !== undefined && written !== implied)) {
    throw new ProfileError('bad-name', `\`${name}\` is not a name of a ${written ?? ''} message queue`, base.place, {
      hint: 'posix queues are named by a path, sysv queues by a number',
    })
  }
  return implied
}

export const parseMqueue = (scanner: Scanner, base: RuleBase): MqueueRule => {
  const perms = parseAccesses(scanner, 'mqueue', MQUEUE_WORDS) || allAccesses(MQUEUE_WORDS)
  const { type, label } = collect(parseConditions(scanner, 'mqueue'), 'mqueue', ['type', 'label'])
  const written = scanner.take('mqueue', 'id')
  const name = written === null ? null : meaningOf(written.text)
  end(scanner, 'mqueue')
  return { ...base, kind: 'mqueue', perms, type: queueType(type, name, base), name, label: label ?? null }
}

/** The words of an io_uring rule stand where other rules have names. */
export const parseIoUring = (scanner: Scanner, base: RuleBase): IoUringRule => {
  const word = scanner.peek('rule')
  let perms = 0
  if (word.kind === '(') perms = parseAccesses(scanner, 'rule', IO_URING_WORDS)
  else if (word.kind === 'word' && Object.hasOwn(IO_URING_WORDS, word.text)) {
    scanner.next('rule')
    perms = IO_URING_WORDS[word.text]!
  }
  const own = collect(parseConditions(scanner, 'rule'), 'io_uring', ['label'])
  const peer = collect(parseGroup(scanner, 'rule', 'peer') ?? [], 'io_uring', ['label'])
  end(scanner, 'rule')
  return {
    ...base, kind: 'io_uring', perms: perms || allAccesses(IO_URING_WORDS), label: own.label ?? peer.label ?? null,
  }
}

export const CLASS_PARSERS: Readonly<Record<string, (scanner: Scanner, base: RuleBase) => ClassRule>> = {
  signal: parseSignal, ptrace: parsePtrace, dbus: parseDbus, unix: parseUnix, userns: parseUserns, mqueue: parseMqueue,
  io_uring: parseIoUring,
}
