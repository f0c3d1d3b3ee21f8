/** `network` and `unix` rules as strings. */
import { AF_INET, AF_INET6, AF_UNIX } from '@lsmkit/abi'
import {
  LOCAL_NET, NET_ACCEPT, NET_BIND, NET_CREATE, NET_GETOPT, NET_LISTEN, NET_SETOPT, PEER_NET,
} from './access-words.ts'
import type { Endpoint, NetworkRule, RuleBase, UnixRule } from './ast.ts'
import { AA_CLASS_NET, CLASS_OLD_NET } from './class-numbers.ts'
import { ANYTHING, hexByte, hexWord, type EncodedRule } from './encoded.ts'
import { globPattern } from './glob.ts'
import { packNet, PACKED_CONTINUES } from './net-perms.ts'
import type { Target } from './target.ts'

/** What follows the addresses: a byte that says which command is meant. */
const COMMAND_ADDRESS = 1
const COMMAND_LISTEN = 2
const COMMAND_OPTION = 4
const OPTIONS = NET_SETOPT | NET_GETOPT

type Rule = NetworkRule | UnixRule

const ruleOf = (rule: Rule, text: string, perms: number, audited: number): EncodedRule => ({
  parts: [text], perms: perms >>> 0, audit: rule.audit ? packNet(audited) : 0, priority: rule.priority,
  mode: rule.mode ?? 'allow', rule,
})

const simple = (rule: Rule, text: string, perms: number): EncodedRule => ruleOf(rule, text, packNet(perms), perms)

const typeText = (types: number | null): string => types === null ? '..' : hexWord(types)

/** Ways to write the address of an endpoint: its length, and its bytes. */
const addressTexts = ({ ip }: Endpoint): string[] => {
  if (ip === 'none') return [hexByte(0)]
  if (ip !== null) return [hexByte(ip.length === 4 ? 1 : 2) + ip.map(hexByte).join('')]
  return [hexByte(0), hexByte(1) + '.'.repeat(4), hexByte(2) + '.'.repeat(16)]
}

const FIRST_UNPRIVILEGED_PORT = 1024

/** The kind of a port, and the port. */
const portText = (rule: NetworkRule, port: number | null, peer: boolean): string => {
  if (port === null) return '...'
  const privileged = !peer && (rule.perms & NET_BIND) !== 0 && port < FIRST_UNPRIVILEGED_PORT
  return hexByte(privileged ? 1 : peer ? 2 : 0) + (port > 0 ? hexWord(port) : '..')
}

const portsOf = ({ ports }: Endpoint): (number | null)[] =>
  ports === null ? [null] : Array.from({ length: ports[1] - ports[0] + 1 }, (_, index) => ports[0] + index)

/** `texts` with an endpoint behind them, and the rules that end there. */
const withEndpoint = (
  rule: NetworkRule, texts: readonly string[], port: number | null, side: 'local' | 'peer', command: boolean,
): { readonly rules: EncodedRule[], readonly texts: string[] } => {
  const peer = side === 'peer'
  const ends = texts.flatMap(
    (text) => addressTexts(rule[side]).map((address) => text + portText(rule, port, peer) + address),
  )
  const holds = packNet(rule.perms)
  const first = !command && peer ? PACKED_CONTINUES : holds
  const rules = ends.flatMap((text) => {
    const own = ruleOf(rule, `${text}\\x00`, first, rule.perms)
    return peer ? [own, ruleOf(rule, `${text}\\x00${ANYTHING}\\x00`, first, rule.perms)] : [own]
  })
  return { rules, texts: ends.map((text) => peer ? `${text}\\x00${ANYTHING}\\x00` : `${text}\\x00`) }
}

/** The finer strings of internet sockets, on kernels that have them. */
const encodeInternet = (rule: NetworkRule, socket: string, protocols: number): EncodedRule[] => {
  const rules = (rule.perms & NET_CREATE) === 0
    ? []
    : [ruleOf(rule, socket, packNet(NET_CREATE) | PACKED_CONTINUES, NET_CREATE)]
  const start = socket + (protocols > 0xffff ? '..' : hexWord(protocols))
  for (const peerPort of (rule.perms & PEER_NET) === 0 ? [] : portsOf(rule.peer)) {
    const peer = withEndpoint(rule, [start], peerPort, 'peer', false)
    rules.push(...peer.rules)
    const commands = peer.texts.map((text) => text + hexByte(COMMAND_ADDRESS))
    for (const port of portsOf(rule.local)) rules.push(...withEndpoint(rule, commands, port, 'local', true).rules)
  }
  for (const port of portsOf(rule.local)) {
    const local = withEndpoint(rule, [start], port, 'local', false)
    rules.push(...local.rules)
    const add = (command: number, dots: string): void => {
      rules.push(...local.texts.map((text) => simple(rule, text + hexByte(command) + dots, rule.perms)))
    }
    if ((rule.perms & NET_LISTEN) !== 0) add(COMMAND_LISTEN, '..')
    if ((rule.perms & OPTIONS) !== 0) add(COMMAND_OPTION, '....')
  }
  return rules
}

export const encodeNetwork = (rule: NetworkRule, target: Target): EncodedRule[] => {
  if (!target.networkV8) return []
  const rules: EncodedRule[] = []
  for (const [family, { types, protocols }] of rule.families) {
    const any = types < 0 || types > 0xffff
    const each = any ? [null] : Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (types & 1 << bit) !== 0)
    for (const type of each) {
      const socket = hexByte(AA_CLASS_NET) + hexWord(family) + typeText(type)
      if (target.inet && (family === AF_INET || family === AF_INET6)) {
        rules.push(...encodeInternet(rule, socket, protocols))
      } else rules.push(simple(rule, socket, rule.perms))
    }
  }
  return rules
}

/** The names that the kernel makes up when a socket binds itself. */
const AUTOBIND = `\\x00${'[0-9a-f]'.repeat(5)}`

const unixAddress = (address: string | null): string => {
  if (address === null) return '.*\\x00'
  if (address === 'none') return '\\x01\\x00'
  if (address === 'auto') return `${AUTOBIND}\\x00`
  return `${globPattern(address.slice(1), 'bytes', '\\x00')}\\x00`
}

const unixLabel = (label: string | null): string => label === null ? ANYTHING : globPattern(label)

/** The rule for the whole family that stands for a unix rule; null for denials, which it would make too wide. */
export const downgraded = (rule: UnixRule): NetworkRule | null => {
  if (!rule.downgrade || rule.mode === 'deny') return null
  const base: RuleBase = { place: rule.place, priority: 0, mode: rule.mode, audit: rule.audit }
  const types = rule.type === null ? 0xffffffff : 1 << rule.type
  const anyone = { ip: null, ports: null }
  return {
    ...base, kind: 'network', perms: rule.perms, families: new Map([[AF_UNIX, { types, protocols: 0xffffffff }]]),
    local: anyone,
    peer: anyone,
  }
}

/** The strings between two sockets, from what was matched of the first. */
const encodePeer = (rule: UnixRule, local: string): EncodedRule => {
  const text = local + hexByte(COMMAND_ADDRESS) + unixAddress(rule.peerAddress) + unixLabel(rule.peerLabel)
  return simple(rule, text, rule.perms & PEER_NET)
}

const encodeUnixFully = (rule: UnixRule, target: Target): EncodedRule[] => {
  const hasPeer = rule.peerLabel !== null || rule.peerAddress !== null
  const start = hexByte(target.networkV8 ? AA_CLASS_NET : CLASS_OLD_NET) + hexWord(AF_UNIX)
  const socket = `${start}${typeText(rule.type)}..`
  const rules: EncodedRule[] = []
  let left = rule.perms
  if ((left & NET_CREATE) !== 0 && !hasPeer) {
    rules.push(simple(rule, socket, NET_CREATE))
    left &= ~NET_CREATE
  }
  if ((left & NET_BIND) !== 0 && (rule.address === null || rule.address === 'auto')) {
    rules.push(simple(rule, `${socket}\\x00${unixLabel(rule.label)}\\x00`, NET_BIND))
    if (rule.address !== null) left &= ~NET_BIND
  }
  // What is left unused is not read either: a mistake in it goes unseen.
  if (left === 0) return rules
  const local = `${socket}${unixAddress(rule.address)}${unixLabel(rule.label)}\\x00`
  const own = left & (hasPeer ? NET_ACCEPT : LOCAL_NET & ~(NET_LISTEN | OPTIONS))
  if (own !== 0) rules.push(simple(rule, local, own))
  if (!hasPeer) {
    if ((left & NET_LISTEN) !== 0) rules.push(simple(rule, `${local}${hexByte(COMMAND_LISTEN)}..`, NET_LISTEN))
    // Both options count as audited where one is, as in apparmor_parser.
    const options = packNet(left & OPTIONS)
    if (options !== 0) rules.push(ruleOf(rule, `${local}${hexByte(COMMAND_OPTION)}..`, options, OPTIONS))
  }
  if ((left & PEER_NET) !== 0) rules.push(encodePeer(rule, local))
  return rules
}

/** A unix rule, and the rule of the whole family that holds on kernels without unix rules. */
export const encodeUnix = (rule: UnixRule, target: Target): EncodedRule[] => {
  const whole = downgraded(rule)
  const wider = whole === null ? [] : encodeNetwork(whole, target).map((one) => ({ ...one, rule }))
  return target.unix ? [...encodeUnixFully(rule, target), ...wider] : wider
}
