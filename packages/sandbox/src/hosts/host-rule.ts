/** Rules of `allow.hosts`: as people write them, as they are kept, and what one covers of another. */
import { isInRange, parseAddress, parseRange, plainHost } from './address.ts'
import type { Range } from './address.ts'
import { hostName } from './host-name.ts'
import { isForMany } from './special-addresses.ts'

/** How programs reach a host: by connections, or by datagrams. */
export type Protocol = 'tcp' | 'udp'

export interface HostEntry {
  /** A name, `*.` and a name for all names below it, `*` for all names, or an address. */
  readonly host: string
  readonly port: number
  /** Default: `tcp`. */
  readonly protocol?: Protocol
  /** Requests of HTTP by these methods alone. */
  readonly methods?: readonly string[]
  /** Requests of HTTP to these paths and those below them alone. */
  readonly paths?: readonly string[]
  /** Where the name may lead: addresses and ranges (`10.0.0.0/8`). Without it: to the public internet. */
  readonly addresses?: readonly string[]
}

/** `'api.github.com:443'`, `'*.npmjs.org:443'`, `'time.example:123/udp'`, or an entry. */
export type HostRule = string | HostEntry

/** A rule as it is kept. */
export interface Rule {
  /** `any`: every name. `below`: names with at least one label before `.name`. */
  readonly kind: 'name' | 'below' | 'any' | 'address'
  /** Of the name, or the address; '' for `any`. */
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  /** Null: not judged. */
  readonly methods: readonly string[] | null
  readonly paths: readonly string[] | null
  readonly addresses: readonly Range[] | null
}

/** A mistake in a rule, and a hint of how to write it. */
export interface RuleMistake {
  readonly message: string
  readonly hint: string | null
}
const mistake = (message: string, hint: string | null = null): RuleMistake => ({ message, hint })

export const isMistake = (value: Rule | RuleMistake): value is RuleMistake => 'message' in value

const MOST_PORT = 65535
const METHOD = /^[A-Z][A-Z-]*$/

const entryOf = (rule: HostRule): HostEntry | RuleMistake => {
  if (typeof rule !== 'string') return rule
  const [, bracketed, host = bracketed, port, protocol = 'tcp'] =
    /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})(?:\/(tcp|udp))?$/.exec(rule) ?? []
  if (host !== undefined && port !== undefined) return { host, port: Number(port), protocol: protocol as Protocol }
  const hint = rule.includes('://') ? 'a host and a port: `api.example:443`; paths have a key of their own'
    : `name the port: \`${rule.includes(':') && !rule.startsWith('[') ? `[${rule}]` : rule}:443\``
  return mistake(`\`${rule}\` is not a host and a port`, hint)
}

type Target = Pick<Rule, 'kind' | 'host'>

/** The numbers that a text is as the URL standard reads it: what a sloppy resolver would make of it. */
const asUrlReads = (host: string): string | null => {
  try {
    const read = new URL(`http://${host}/`).hostname
    return read !== host && parseAddress(read) !== null ? read : null
  } catch {
    return null
  }
}

const targetOf = (host: string): Target | RuleMistake => {
  if (host === '*') return { kind: 'any', host: '' }
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (parseAddress(bare) !== null) return { kind: 'address', host: plainHost(bare) }
  const isBelow = host.startsWith('*.')
  const text = isBelow ? host.slice(2) : host
  if (text.includes('*')) {
    return mistake(`\`${host}\` has a \`*\` that is not its whole first label`, '`*.example.com` is all below it')
  }
  const name = hostName(text)
  if (name !== null) return { kind: isBelow ? 'below' : 'name', host: name }
  const read = asUrlReads(text)
  return mistake(`\`${host}\` is neither a name nor an address`, read === null ? null : `write \`${read}\``)
}

const pathMistake = (path: string): RuleMistake | null => {
  if (!path.startsWith('/')) return mistake(`\`${path}\` is not a path from the root`, `\`/${path}\``)
  if (plainPath(path) === null || path.includes('*')) {
    return mistake(`\`${path}\` is not a plain path`, 'it covers itself and all below it; no patterns, `..` or `%2f`')
  }
  return null
}

/** What can be said of connections and not of datagrams; null where nothing is wrong. */
const datagramMistake = ({ methods, paths }: HostEntry, { kind, host }: Target): RuleMistake | null => {
  if (methods !== undefined || paths !== undefined)
    return mistake('`methods` and `paths` are of HTTP, which is not spoken over UDP', 'leave them out, or `protocol`')
  const address = kind === 'address' ? parseAddress(host) : null
  return address !== null && isForMany(address)
    ? mistake(`\`${host}\` is for many: nobody could say whose answers come back`, 'name each host') : null
}

/** The rule as it is kept, or its mistake. */
export const parseRule = (given: HostRule): Rule | RuleMistake => {
  const entry = entryOf(given)
  if ('message' in entry) return entry
  const { host, port, protocol = 'tcp', methods = null, paths = null, addresses = null } = entry
  const target = targetOf(host)
  if ('message' in target) return target
  if (!Number.isInteger(port) || port < 1 || port > MOST_PORT) return mistake(`\`${port}\` is not a port`)
  const sent = protocol === 'udp' ? datagramMistake(entry, target) : null
  if (sent !== null) return sent
  const wrongMethod = methods?.find((method) => !METHOD.test(method))
  if (wrongMethod !== undefined) {
    return mistake(`\`${wrongMethod}\` is not a method of HTTP`, `\`${wrongMethod.toUpperCase()}\``)
  }
  const wrongPath = paths?.map(pathMistake).find((one) => one !== null)
  if (wrongPath !== undefined && wrongPath !== null) return wrongPath
  const ranges = addresses?.map(parseRange) ?? null
  const wrong = ranges?.indexOf(null) ?? -1
  if (wrong >= 0) return mistake(`\`${addresses![wrong]}\` is not an address or a range`, '`10.0.0.0/8`')
  if (target.kind === 'address' && ranges !== null)
    return mistake('an address leads to itself', 'leave `addresses` out')
  return { ...target, port, protocol, methods, paths, addresses: ranges as Range[] | null }
}

/** A path of a request as it is judged; null where servers may read it in several ways. */
export const plainPath = (path: string): string | null => {
  if (!path.startsWith('/') || /%(?:2e|2f|5c|25|00)|[\\;?#\0-\x20\x7f]|\/\//i.test(path)) return null
  return path.split('/').some((part) => part === '.' || part === '..') ? null : path
}

/** `/v1` covers `/v1` and `/v1/users`, and not `/v10`. */
export const isPathBelow = (path: string, above: string): boolean =>
  path === above || path.startsWith(above.endsWith('/') ? above : `${above}/`) || `${path}/` === above

/** Whether a host, a name or an address in its own notation, is one that the rule names. */
export const namesHost = ({ kind, host }: Pick<Rule, 'kind' | 'host'>, asked: string, isAddress: boolean): boolean => {
  switch (kind) {
    case 'any': return !isAddress
    case 'below': return !isAddress && asked.endsWith(`.${host}`) && asked.length > host.length + 1
    case 'name': return !isAddress && asked === host
    case 'address': return isAddress && asked === host
  }
}

/** Whether all that a rule permits is permitted by another one. */
export const coversRule = (max: Rule, rule: Rule): boolean =>
  max.port === rule.port && max.protocol === rule.protocol && coversHost(max, rule) &&
  coversList(max.methods, rule.methods, (a, b) => a === b) &&
  coversList(max.paths, rule.paths, (top, path) => isPathBelow(path, top)) && coversAddresses(max, rule)

const coversHost = (max: Rule, { kind, host }: Rule): boolean => {
  if (max.kind === 'any') return kind !== 'address'
  if (max.kind === 'below') {
    return (kind === 'name' && host.endsWith(`.${max.host}`)) ||
      (kind === 'below' && (host === max.host || host.endsWith(`.${max.host}`)))
  }
  return kind === max.kind && host === max.host
}

/** Null is everything. */
const coversList = (
  max: readonly string[] | null, list: readonly string[] | null, covers: (max: string, one: string) => boolean,
): boolean => max === null || (list !== null && list.every((one) => max.some((top) => covers(top, one))))

/** Null is the public internet, which is neither more nor less than a range. */
const coversAddresses = (max: Rule, rule: Rule): boolean => {
  if (max.addresses === null || rule.addresses === null) return max.addresses === rule.addresses
  return rule.addresses.every(({ bytes, bits }) =>
    max.addresses!.some((top) => top.bits <= bits && isInRange(bytes, top)))
}

/** `name:443`, `[::1]:443`, `name:123/udp`. */
export const hostText = (host: string, port: number, protocol: Protocol = 'tcp'): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}${protocol === 'udp' ? '/udp' : ''}`

/** A rule as a sentence shows it. */
export const ruleText = ({ kind, host, port, protocol, methods, paths }: Rule): string => {
  const name = kind === 'any' ? '*' : kind === 'below' ? `*.${host}` : host
  const parts = [hostText(name, port, protocol), ...(methods ?? []), ...(paths ?? [])]
  return parts.join(' ')
}
