/**
 * Rules of `allow.hosts`, names and addresses as strangers write them: a mistake is a sentence, and what is named and
 * where it may lead is what a plain model says, made of regular expressions and Node's `BlockList`.
 */
import { BlockList, isIP } from 'node:net'
import {
  addressText, hostName, Hosts, isMistake, isPathBelow, namesHost, parseAddress, parseRule, plainPath,
  specialAddresses,
} from '@lsmkit/sandbox/hosts-parts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import type { Session } from '../frame/fuzzer.ts'
import type { Random } from '../frame/random.ts'

const labels = ['a', 'b', 'api', 'example', 'com', 'xn--bcher-kva', 'bücher', '1', '0x7f', '0177', 'EXAMPLE', '',
  '-', '*', '１２７', '。', '\u00ad', '%2e', '@', 'a_b', 'x'.repeat(64)]
const numbers = ['0', '127', '10', '169', '254', '255', '256', '1', '0x7f', '0177', '2130706433', '01', '']
const words = ['0', '1', 'ffff', 'fe80', 'fc00', '2001', 'db8', '64', 'ff9b', '', '7f00', '10000', '127.0.0.1']
const paths = ['/', '/v1', '/v1/', '/v1/users', '/v10', '/v1/../x', '/%2e%2e', '//', '/a;b', 'v1', '/v1?q']

const joined = (random: Random, parts: readonly string[], most: number, by: string): string =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(parts)).join(by)

const hostOf = (random: Random): string => {
  switch (random.below(5)) {
    case 0: return joined(random, numbers, 5, '.')
    case 1: return joined(random, words, 9, ':')
    case 2: return `*.${joined(random, labels, 3, '.')}`
    default: return joined(random, labels, 4, '.') + (random.oneIn(6) ? '.' : '')
  }
}

/** A rule, who is asked for, an answer of a resolver, two paths: a line each. */
const make = (random: Random): string => {
  const rule = hostOf(random)
  const asked = random.oneIn(2) ? rule.replace('*', random.pick(['a', 'a.b', ''])) : hostOf(random)
  return [rule, asked, hostOf(random), random.pick(paths), random.pick(paths)].join('\n')
}

/** A list for each family: to Node an address of IPv4 is in `::ffff:0:0/96`. */
const special = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const { range } of specialAddresses) {
  const [address, bits] = range.split('/') as [string, string]
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  special[family].addSubnet(address, Number(bits), family)
}
const unicast = new BlockList()
unicast.addSubnet('2000::', 3, 'ipv6')

/** Whether the table, read by Node, calls an address special. */
const isSpecial = (text: string): boolean => (isIP(text) === 4
  ? special.ipv4.check(text, 'ipv4')
  : special.ipv6.check(text, 'ipv6') || !unicast.check(text, 'ipv6'))

const escaped = (text: string): string => text.replace(/[.*]/g, '\\$&')

/** What a rule's text names, as a regular expression reads it. */
const named = (rule: string): RegExp => {
  const bare = rule.toLowerCase().replace(/\.$/, '')
  return bare.startsWith('*.') ? new RegExp(`^([^.]+\\.)+${escaped(bare.slice(2))}$`) : new RegExp(`^${escaped(bare)}$`)
}

const many = new BlockList()
many.addSubnet('224.0.0.0', 4, 'ipv4')
many.addAddress('255.255.255.255', 'ipv4')
many.addSubnet('ff00::', 8, 'ipv6')
const isForMany = (text: string): boolean => many.check(text, isIP(text) === 4 ? 'ipv4' : 'ipv6')

/** What is wrong with a rule for datagrams: it names no connection, and leads to no address of many. */
const datagramFault = (rule: string, host: string | null, answer: string): string | null => {
  const everywhere = isIP(rule.replace(/^\[(.*)\]$/, '$1')) === 0 ? { addresses: ['0.0.0.0/0', '::/0'] } : {}
  const hosts = new Hosts([{ host: rule, port: 443, protocol: 'udp', ...everywhere }])
  const [kept] = hosts.rules
  if (kept === undefined) return null
  if (kept.kind === 'address' && isForMany(kept.host)) return `datagrams may go to ${kept.host}`
  if (hosts.ports.length > 0 || !hosts.hasUdp) return `a rule for datagrams has ports of TCP: ${rule}`
  if (host !== null && 'rules' in hosts.decide({ host, port: 443, protocol: 'tcp' }, null))
    return `a rule for datagrams lets TCP out to ${host}`
  if (kept.kind === 'address') return null
  const led = hosts.lead(hosts.rules, { host: 'x', port: 443, protocol: 'udp' }, [answer])
  return 'addresses' in led && led.addresses.some((one) => isIP(one) === 0 || isForMany(one))
    ? `datagrams may be led to ${led.addresses.join()}` : null
}

/** What is wrong with the answers about these texts; null if nothing is. */
const fault = ([rule = '', asked = '', answer = '', path = '', above = '']: readonly string[]): string | null => {
  const address = parseAddress(asked)
  if ((address === null) !== (isIP(asked) === 0) && !asked.includes('%')) return `isIP(${asked}) is ${isIP(asked)}`
  const name = hostName(asked)
  if (name !== null && hostName(name) !== name) return `${name} has another name: ${hostName(name)}`
  if (name !== null && (isIP(name) !== 0 || !/^[a-z0-9_.-]+$/.test(name))) return `${name} is a name`
  if (name !== null && isIP(new URL(`http://${name}/`).hostname) !== 0) return `${name} is an address to a URL`
  const parsed = parseRule({ host: rule, port: 443 })
  if (isMistake(parsed)) return parsed.message === '' ? 'a mistake without words' : null
  const host = name ?? (address === null ? null : addressText(address))
  if (host !== null && /^[\x21-\x7e]*$/.test(rule) && parsed.kind !== 'address' && name !== null) {
    const isNamed = namesHost(parsed, host, false)
    const expected = rule === '*' || named(rule).test(host)
    if (isNamed !== expected) return `${rule} names ${host}: ${isNamed}`
  }
  const hosts = new Hosts([{ host: rule, port: 443 }])
  const elsewhere = host === null ? null : hosts.decide({ host, port: 444, protocol: 'tcp' }, null)
  if (elsewhere !== null && 'rules' in elsewhere) return 'another port is allowed'
  const led = hosts.lead(hosts.rules, { host: 'x', port: 443, protocol: 'tcp' }, [answer])
  if ('addresses' in led && parsed.kind !== 'address' && led.addresses.some((one) => isIP(one) === 0 || isSpecial(one)))
    return `${rule} may lead to ${led.addresses.join()}`
  const sent = datagramFault(rule, host, answer)
  if (sent !== null) return sent
  const plain = plainPath(path)
  if (plain !== null && new URL(plain, 'http://h').pathname !== plain) return `${path} is another path to a URL`
  if (plain !== null && isPathBelow(plain, above) && !plain.startsWith(above.replace(/\/$/, '')))
    return `${path} is beneath ${above}`
  return null
}

export const hosts = inputFuzzer({
  make,
  attempt(input: Uint8Array, session: Session) {
    const wrong = fault(new TextDecoder().decode(input).split('\n'))
    if (wrong !== null) session.found('wrong-answer', input, wrong)
  },
})
