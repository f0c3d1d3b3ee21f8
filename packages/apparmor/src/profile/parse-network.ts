/** `network` rules: families, types, and addresses and ports of either end. */
import { AF_INET, AF_INET6 } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import { ALL_NET, NET_WORDS, PEER_NET } from './access-words.ts'
import type { Condition, Endpoint, NetworkRule, RuleBase, UnixRule } from './ast.ts'
import { ProfileError } from './errors.ts'
import { unknownCondition } from './parse-class-rules.ts'
import { parseAccesses, parseConditions, parseGroup, singleValue } from './parse-conditions.ts'
import type { Scanner } from './scan.ts'
import { addressBytes, allSockets, socketsNamed, socketWords } from './sockets.ts'
import { meaningOf } from './unescape.ts'

const PORT = /^[ \t]*\+?([0-9]+)$/u

const port = (text: string): number | null => {
  const number = Number(PORT.exec(text)?.[1] ?? NaN)
  return number <= 0xffff ? number : null
}

const portsOf = (text: string, condition: Condition): readonly [number, number] => {
  const dash = text.indexOf('-')
  const from = port(dash < 0 ? text : text.slice(0, dash))
  const to = dash < 0 ? from : port(text.slice(dash + 1))
  if (from !== null && to !== null && from <= to) return [from, to]
  throw new ProfileError('bad-value', `\`${text}\` is not a port or a range of ports`, condition.place)
}

const endpointOf = (conditions: readonly Condition[]): Endpoint => {
  let ip: Endpoint['ip'] = null
  let ports: Endpoint['ports'] = null
  for (const condition of conditions) {
    const { name, place } = condition
    if (name !== 'ip' && name !== 'port') throw unknownCondition(condition, 'network', ['ip', 'port'])
    if ((name === 'ip' ? ip : ports) !== null) {
      throw new ProfileError('bad-condition', `\`${name}\` is named twice`, place)
    }
    if (condition.values === null) throw new ProfileError('bad-condition', `\`${name}\` has no value`, place)
    const value = singleValue(condition, 'network')
    if (name === 'port') ports = portsOf(value, condition)
    else ip = value === 'none' ? 'none' : addressBytes(value)
    if (name === 'ip' && ip === null) throw new ProfileError('bad-value', `\`${value}\` is not an address`, place)
  }
  return { ip, ports }
}

const isNamed = ({ ip, ports }: Endpoint): boolean => ip !== null || ports !== null

const familiesOf = (words: readonly string[], hasEnds: boolean, base: RuleBase): NetworkRule['families'] => {
  const [family = null, type = null] = words
  if (family === null) {
    return hasEnds ? new Map([...socketsNamed('inet', null), ...socketsNamed('inet6', null)]) : allSockets()
  }
  const families = socketsNamed(family, type)
  if (families.size === 0) {
    throw new ProfileError('bad-value', `there is no socket \`${words.join(' ')}\``, base.place, {
      hint: didYouMean(family, socketWords()),
    })
  }
  if (!hasEnds) return families
  const internet = new Map([...families].filter(([number]) => number === AF_INET || number === AF_INET6))
  // A type alone is cut to the internet families; a family must be one of them.
  if (internet.size === 0 || (internet.size < families.size && families.size === 1)) {
    throw new ProfileError('bad-condition', 'only inet and inet6 have addresses and ports', base.place)
  }
  return internet
}

export const parseNetwork = (scanner: Scanner, base: RuleBase): NetworkRule => {
  const perms = parseAccesses(scanner, 'network', NET_WORDS)
  const words: string[] = []
  while (words.length < 2 && scanner.peek('network').kind === 'id') words.push(meaningOf(scanner.next('network').text))
  const local = endpointOf(parseConditions(scanner, 'network'))
  const peer = endpointOf(parseGroup(scanner, 'network', 'peer') ?? [])
  scanner.expect('network', ',', 'a comma behind the rule')
  if (base.priority !== 0) throw new ProfileError('bad-prefix', 'network rules have no priority', base.place)
  if (isNamed(peer) && (perms & ~PEER_NET) !== 0) {
    throw new ProfileError('bad-condition', 'accesses of one socket alone cannot stand with `peer=()`', base.place)
  }
  const families = familiesOf(words, isNamed(local) || isNamed(peer), base)
  return { ...base, kind: 'network', perms: perms || ALL_NET, families, local, peer }
}

/** The unix rules that a network rule stands for: one a type. Its own prefix counts as it is written. */
export const impliedUnixRules = (rule: NetworkRule, audit: boolean): UnixRule[] => {
  const unix = rule.families.get(1)
  if (unix === undefined) return []
  const any = unix.types > 0xffff || unix.types < 0
  const types = any
    ? [null]
    : Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (unix.types & 1 << bit) !== 0)
  return types.map((type) => ({
    kind: 'unix', place: rule.place, priority: 0, mode: rule.mode, audit, perms: ALL_NET, type, label: null,
    address: null,
    peerLabel: null, peerAddress: null, downgrade: false,
  }))
}
