/** The rules of `allow.hosts` as a whole: may a program connect there, and which addresses may it be led to. */
import { addressText, isInRange, parseAddress } from './address.ts'
import type { Address } from './address.ts'
import { hostText, isMistake, isPathBelow, namesHost, parseRule, plainPath } from './host-rule.ts'
import type { HostEntry, HostRule, Protocol, Rule } from './host-rule.ts'
import { isForMany, specialOf } from './special-addresses.ts'

/** Where a program wants to go: a name or an address in its own notation, and a port. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
}

/** Where a connection goes. */
export type HostPort = Pick<Target, 'host' | 'port'>

/** A request of HTTP that the box makes for a program. */
export interface HttpAsk {
  readonly method: string
  /** Without the query. */
  readonly path: string
}

/** Why not, as the end of a sentence, and the rule that would permit it. */
export interface HostRefusal {
  readonly why: string
  readonly permit: HostRule | null
}

export type HostDecision = { readonly rules: readonly Rule[] } | HostRefusal

/** Where a connection may be led, or why nowhere. */
export type Led = { readonly addresses: readonly string[] } | HostRefusal

const isAddressText = (host: string): boolean => parseAddress(host) !== null

const httpWhy = (rules: readonly Rule[], { method, path }: HttpAsk): string => {
  const [rule] = rules
  const methods = rule?.methods ?? null
  if (methods !== null && !methods.includes(method)) return `${method} is not among ${methods.join(', ')}`
  return plainPath(path) === null ? 'its path can be read in several ways'
    : `its path is not beneath ${(rule?.paths ?? []).join(', ')}`
}

const isAsked = ({ methods, paths }: Rule, ask: HttpAsk | null): boolean => {
  if (ask === null) return methods === null && paths === null
  if (methods !== null && !methods.includes(ask.method)) return false
  const plain = plainPath(ask.path)
  return paths === null || (plain !== null && paths.some((above) => isPathBelow(plain, above)))
}

export class Hosts {
  readonly rules: readonly Rule[]

  /** Of rules without mistakes. */
  constructor(given: readonly HostRule[]) {
    this.rules = given.map(parseRule).filter((rule): rule is Rule => !isMistake(rule))
  }

  /** Ports of TCP that some host has. */
  get ports(): readonly number[] {
    return [...new Set(this.#of('tcp').map(({ port }) => port))]
  }

  /** Whether some host is reached by datagrams. */
  get hasUdp(): boolean {
    return this.#of('udp').length > 0
  }

  #of(protocol: Protocol): readonly Rule[] {
    return this.rules.filter((rule) => rule.protocol === protocol)
  }

  /** `ask`: the request that the box makes for the program; null for bytes that nobody can judge. */
  decide({ host, port, protocol }: Target, ask: HttpAsk | null): HostDecision {
    const isAddress = isAddressText(host)
    const named = this.#of(protocol).filter((rule) => rule.port === port && namesHost(rule, host, isAddress))
    const rules = named.filter((rule) => isAsked(rule, ask))
    if (rules.length > 0) return { rules }
    if (named.length === 0) return { why: 'not in hosts', permit: permitFor({ host, port, protocol }, ask) }
    const why = ask === null ? 'its methods and paths hold for requests that the box makes, not for a socket'
      : httpWhy(named, ask)
    const addresses = entryAddresses(named)
    return { why, permit: { host, port, ...permittedAsk(ask), ...addresses } }
  }

  /** Which of the addresses of a name a connection may be led to. */
  lead(rules: readonly Rule[], { host, port, protocol }: Target, answers: readonly string[]): Led {
    const known = answers.map((text) => [text, parseAddress(text)] as const)
    const addresses = known.filter(([, address]) => address !== null && rules.some((rule) => mayLead(rule, address)))
    if (addresses.length > 0) return { addresses: addresses.map(([text]) => text) }
    const [text, address] = known[0] ?? ['nothing', null]
    const what = address === null ? null : specialOf(address)
    const why = what === null ? `it leads to ${text}, not among its addresses` : `it leads to ${text}, ${what}`
    const isDatagram = protocol === 'udp'
    const permit = { host, port, ...(isDatagram ? { protocol } : {}), addresses: [text] }
    return { why, permit: address === null || (isDatagram && isForMany(address)) ? null : permit }
  }
}

/** A rule for an address names it; a rule for names leads to what it lists, or to the public internet. */
const mayLead = ({ kind, protocol, addresses }: Rule, address: Address): boolean =>
  !(protocol === 'udp' && isForMany(address)) && (kind === 'address' || (addresses === null
    ? specialOf(address) === null
    : addresses.some((range) => isInRange(address, range))))

const permittedAsk = (ask: HttpAsk | null): Pick<HostEntry, 'methods' | 'paths'> =>
  ask === null || plainPath(ask.path) === null ? {} : { methods: [ask.method], paths: [ask.path] }

const permitFor = ({ host, port, protocol }: Target, ask: HttpAsk | null): HostRule =>
  ask === null ? hostText(host, port, protocol) : { host, port, ...permittedAsk(ask) }

const rangeText = ({ bytes, bits }: { readonly bytes: Address; readonly bits: number }): string =>
  `${addressText(bytes)}${bits === bytes.length * 8 ? '' : `/${bits}`}`

/** Where the rules lead already. */
const entryAddresses = (rules: readonly Rule[]): Pick<HostEntry, 'addresses'> => {
  const ranges = rules.flatMap(({ addresses }) => addresses ?? [])
  return ranges.length === 0 ? {} : { addresses: ranges.map(rangeText) }
}
