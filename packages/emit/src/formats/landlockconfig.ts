/**
 * LandlockConfig (landlock-lsm/landlockconfig): JSON by its schema, and TOML of the same fields in snake_case. Written
 * for ABI 6, the newest that the library's groups of rights have.
 */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml'
import { badFile } from '../emit-error.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import { isNothing } from '../plain.ts'
import type { Node, Plain } from '../plain.ts'
import { entryRights, isBeneath, parentOf } from '../question.ts'
import type { Answers, PathRight } from '../question.ts'
import { isKind, lostParts, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { movedItems } from './places.ts'

const ABI = 6

const readRights = ['read_file', 'read_dir'] as const
const writeRights = [
  'write_file', 'truncate', 'remove_dir', 'remove_file', 'make_dir', 'make_reg', 'make_sock', 'make_fifo', 'make_sym',
  'refer',
] as const

/** Rights of the file system by the ABI that they came with. */
const rightsSince: readonly (readonly [abi: number, names: readonly string[]])[] = [
  [1, ['execute', 'write_file', 'read_file', 'read_dir', 'remove_dir', 'remove_file', 'make_char', 'make_dir',
    'make_reg', 'make_sock', 'make_fifo', 'make_block', 'make_sym']],
  [2, ['refer']], [3, ['truncate']], [5, ['ioctl_dev']], [9, ['resolve_unix']],
]
const fsRights = (abi: number): string[] => rightsSince.flatMap(([since, names]) => (since <= abi ? names : []))
const netRights = (abi: number): string[] => (abi < 4 ? [] : ['bind_tcp', 'connect_tcp'])
const scopes = (abi: number): string[] => (abi < 6 ? [] : ['abstract_unix_socket', 'signal'])

interface PathRule {
  readonly path: string
  readonly rights: ReadonlySet<string>
}
interface PortRule {
  readonly port: number
  readonly rights: ReadonlySet<string>
}

/** A configuration as the library resolves it: groups and variables are spelt out. */
export interface Config {
  readonly fs: ReadonlySet<string>
  readonly net: ReadonlySet<string>
  readonly scoped: ReadonlySet<string>
  readonly paths: readonly PathRule[]
  readonly ports: readonly PortRule[]
}

interface JsonConfig {
  readonly abi: number
  readonly ruleset: readonly object[]
  readonly pathBeneath?: readonly object[]
  readonly netPort?: readonly object[]
}

const rightsOfNode = ({ rights }: Node): string[] => [
  ...(rights.execute ? ['execute'] : []), ...(rights.read ? readRights : []), ...(rights.write ? writeRights : []),
]

/** Rights of Landlock add up beneath, so only what is granted is written. */
const jsonOf = (plain: Plain): JsonConfig => {
  const byRights = new Map<string, string[]>()
  for (const node of plain.nodes) {
    if (isNothing(node.rights)) continue
    const key = rightsOfNode(node).join(' ')
    byRights.set(key, [...byRights.get(key) ?? [], node.host.replaceAll('$', '$$$$')])
  }
  const connect = [...new Set([...plain.connect, ...plain.hosts.ports])].sort((a, b) => a - b)
  const ports = [
    { allowedAccess: ['connect_tcp'], port: connect },
    { allowedAccess: ['bind_tcp'], port: plain.listen },
  ].filter(({ port }) => port.length > 0)
  return {
    abi: ABI,
    ruleset: [{ handledAccessFs: ['abi.all'], handledAccessNet: ['abi.all'], scoped: ['abi.all'] }],
    ...(byRights.size === 0 ? {} : {
      pathBeneath: [...byRights].map(([key, parent]) => ({ allowedAccess: key.split(' '), parent })),
    }),
    ...(ports.length === 0 ? {} : { netPort: ports }),
  }
}

type Json = Readonly<Record<string, unknown>>

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The same tree with other names of fields. */
const renamed = (value: unknown, rename: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [rename(name), renamed(field, rename)]))
}

const listAt = (value: unknown, place: string): readonly unknown[] => {
  if (value === undefined) return []
  if (Array.isArray(value)) return value as unknown[]
  throw badFile(place, 'a list is expected')
}

const objectAt = (value: unknown, place: string, names: readonly string[]): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badFile(place, 'an object is expected')
  const other = Object.keys(value).find((name) => !names.includes(name))
  if (other !== undefined) throw badFile(`${place}.${other}`, `\`${other}\` is not known here`, names.join(', '))
  return value as Json
}

const readExecute = ['execute', 'read_file', 'read_dir', 'refer']

/** Names of groups have the ABI of the file, or of the older form one of their own: `abi.all`, `v5.read_execute`. */
const rightsOf = (value: unknown, place: string, abi: number, all: (abi: number) => string[]): Set<string> =>
  new Set(listAt(value, place).flatMap((name) => {
    const [, version, group] = /^(?:abi|v(\d+))\.(all|read_execute|read_write)$/.exec(String(name)) ?? []
    const known = all(version === undefined ? abi : Number(version))
    if (group === 'all') return known
    if (group === 'read_execute') return known.filter((one) => readExecute.includes(one))
    if (group === 'read_write') return known.filter((one) => one !== 'execute')
    if (all(Infinity).includes(String(name))) return [String(name)]
    throw badFile(place, `\`${String(name)}\` is not a right`)
  }))

/** Texts with the values of `${name}`: one for each combination. `$$` is a dollar. */
const expanded = (text: string, variables: ReadonlyMap<string, readonly string[]>, place: string): string[] => {
  const parts = text.split(/(\$\$|\$\{[^}]*\})/)
  return parts.reduce<string[]>((texts, part) => {
    if (part === '$$') return texts.map((one) => `${one}$`)
    const name = /^\$\{(.*)\}$/.exec(part)?.[1]
    if (name === undefined) return texts.map((one) => one + part)
    const values = variables.get(name)
    if (values === undefined) throw badFile(place, `the variable \`${name}\` is not declared`)
    return texts.flatMap((one) => values.map((value) => one + value))
  }, [''])
}

const variablesOf = (value: unknown): Map<string, readonly string[]> => new Map(listAt(value, 'variable')
  .map((item, at) => {
    const { name, literal } = objectAt(item, `variable[${at}]`, ['name', 'literal'])
    return [String(name), listAt(literal, `variable[${at}].literal`).map(String)]
  }))

const portAt = (value: unknown, place: string): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65535) return value
  throw badFile(place, `\`${String(value)}\` is not a port`)
}

/** Throws EmitError. */
const configOf = (value: unknown): Config => {
  const whole = objectAt(value, 'landlockconfig', ['abi', 'variable', 'ruleset', 'pathBeneath', 'netPort'])
  const abi = whole['abi'] === undefined ? ABI : Number(whole['abi'])
  if (!Number.isInteger(abi) || abi < 1) throw badFile('abi', `\`${String(whole['abi'])}\` is not a version of the ABI`)
  const [fs, net, scoped] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const addAll = (set: Set<string>, names: Iterable<string>): void => { for (const name of names) set.add(name) }
  for (const [at, item] of listAt(whole['ruleset'], 'ruleset').entries()) {
    const place = `ruleset[${at}]`
    const set = objectAt(item, place, ['handledAccessFs', 'handledAccessNet', 'scoped'])
    addAll(fs, rightsOf(set['handledAccessFs'], `${place}.handledAccessFs`, abi, fsRights))
    addAll(net, rightsOf(set['handledAccessNet'], `${place}.handledAccessNet`, abi, netRights))
    addAll(scoped, rightsOf(set['scoped'], `${place}.scoped`, abi, scopes))
  }
  const variables = variablesOf(whole['variable'])
  const paths = listAt(whole['pathBeneath'], 'pathBeneath').flatMap((item, at) => {
    const place = `pathBeneath[${at}]`
    const rule = objectAt(item, place, ['allowedAccess', 'parent'])
    const rights = rightsOf(rule['allowedAccess'], `${place}.allowedAccess`, abi, fsRights)
    addAll(fs, rights)
    return listAt(rule['parent'], `${place}.parent`).flatMap((text) => expanded(String(text), variables, place))
      .map((path) => ({ path, rights }))
  })
  const ports = listAt(whole['netPort'], 'netPort').flatMap((item, at) => {
    const place = `netPort[${at}]`
    const rule = objectAt(item, place, ['allowedAccess', 'port'])
    const rights = rightsOf(rule['allowedAccess'], `${place}.allowedAccess`, abi, netRights)
    addAll(net, rights)
    return listAt(rule['port'], `${place}.port`).map((port) => ({ port: portAt(port, `${place}.port`), rights }))
  })
  return { fs, net, scoped, paths, ports }
}

/** The right of Landlock behind each act; null for what it does not restrict. */
const rightOf: Readonly<Record<PathRight, string | null>> = {
  read: 'read_file', list: 'read_dir', write: 'write_file', truncate: 'truncate', make: 'make_reg',
  'make-dir': 'make_dir', 'make-link': 'make_sym', 'make-pipe': 'make_fifo', remove: 'remove_file',
  'remove-dir': 'remove_dir', move: 'refer', attributes: null, execute: 'execute', 'make-device': 'make_char',
}

const answersOf = ({ fs, net, scoped, paths, ports }: Config): Answers => {
  const pathAllows = (path: string, right: string | null): boolean =>
    right === null || !fs.has(right) || paths.some((rule) => rule.rights.has(right) && isBeneath(path, rule.path))
  const portAllows = (port: number, right: string): boolean =>
    !net.has(right) || ports.some((rule) => rule.port === port && rule.rights.has(right))
  return (question) => {
    switch (question.kind) {
      case 'path': {
        const { right, host } = question
        return pathAllows(entryRights.has(right) ? parentOf(host) : host, rightOf[right])
      }
      case 'unix': return pathAllows(question.host, 'resolve_unix')
      case 'connect': case 'host': return portAllows(question.port, 'connect_tcp')
      case 'listen': return portAllows(question.port, 'bind_tcp')
      case 'outside': {
        if (question.what === 'ipc') return true
        return !scoped.has(question.what === 'signal' ? 'signal' : 'abstract_unix_socket')
      }
      case 'socket': case 'pair': case 'call': return true
    }
  }
}

const unsaidOf = (plain: Plain): Unsaid[] => [
  wider('attributes', 'allow: write',
    'Landlock does not restrict modes, owners, times and extended attributes of files',
    (question) => question.kind === 'path' && question.right === 'attributes'),
  wider('sockets', 'allow: connect',
    'Landlock restricts TCP alone: sockets of every other family and type may be made', isKind('socket', 'pair')),
  ...(plain.allow.connect.includes('unix') && plain.rules.some(({ list, path }) => list === 'write' && path === '/')
    ? [] : [wider('unix-sockets', 'allow: connect', 'LandlockConfig has no right for UNIX sockets with a path',
      isKind('unix'))]),
  wider('calls', 'allow', 'Landlock restricts no system calls and takes no capabilities away', isKind('call')),
  wider('ipc', 'allow', 'queues and segments of System V are not restricted',
    (question) => question.kind === 'outside' && question.what === 'ipc'),
  ...(plain.hosts.ports.length + plain.connect.length === 0 ? [] : [wider('addresses', 'allow: hosts',
    'Landlock restricts ports, not addresses: at a port that is named anywhere every host may be connected to',
    (question) => (question.kind === 'host' || question.kind === 'connect') &&
      (plain.connect.includes(question.port) || plain.hosts.ports.includes(question.port)))]),
  ...movedItems(plain, 'Landlock'),
  ...lostParts(plain, 'Landlock'),
]

/** Kinds of the emitted file. */
const isToml = (text: string): boolean => !/^\s*\{/.test(text)

const parsed = ({ text }: Written): unknown => {
  try {
    return isToml(text) ? renamed(parseToml(text), camel) : JSON.parse(text)
  } catch (error) {
    throw badFile('landlockconfig', (error as Error).message.split('\n')[0]!)
  }
}

const taken = (config: Config): { policy: Policy; leftOut: LeftOut[] } => {
  const leftOut: LeftOut[] = []
  const leave = (place: string, text: string): void => void leftOut.push({ place, text })
  const lists = { read: [] as string[], write: [] as string[], exec: [] as string[] }
  for (const { path, rights } of config.paths) {
    if (!path.startsWith('/')) {
      leave(path, 'a path that is not from the root depends on where the program starts')
      continue
    }
    const rest = new Set(rights)
    const take = (names: readonly string[]): boolean => {
      if (!names.every((name) => rights.has(name))) return false
      for (const name of names) rest.delete(name)
      return true
    }
    if (take(['execute', ...readRights])) lists.exec.push(path)
    else if (take(readRights)) lists.read.push(path)
    // rights of a later ABI are not asked of a file that does not restrict them
    const writes = writeRights.filter((name) => config.fs.has(name))
    if (writes.includes('write_file') && take(writes)) lists.write.push(path)
    if (rest.size > 0) leave(path, `a policy has no list for ${[...rest].join(', ')} alone`)
  }
  for (const name of fsRights(ABI)) if (!config.fs.has(name)) leave('ruleset', `\`${name}\` is not restricted`)
  const ports = (right: string): number[] =>
    config.ports.filter(({ rights }) => rights.has(right)).map(({ port }) => port)
  for (const name of netRights(ABI)) if (!config.net.has(name)) leave('ruleset', `\`${name}\` is not restricted`)
  leave('ruleset', 'Landlock judges no families of sockets: add `unix` to `connect` or `listen` for UNIX sockets')
  const entries = { ...lists, connect: ports('connect_tcp'), listen: ports('bind_tcp') }
  const allow = Object.fromEntries(Object.entries(entries).filter(([, list]) => list.length > 0))
  return { policy: { version: 1, allow }, leftOut }
}

const landlockFormat = (title: string, file: string, write: (json: JsonConfig) => string): Format => ({
  title, file,
  write: (plain) => ({ text: write(jsonOf(plain)) }),
  unsaid: unsaidOf,
  answers: (written) => answersOf(configOf(parsed(written))),
  take: (written) => taken(configOf(parsed(written))),
})

export const landlockJson = landlockFormat('LandlockConfig, JSON', 'landlock.json',
  (json) => `${JSON.stringify(json, null, 2)}\n`)
export const landlockToml = landlockFormat('LandlockConfig, TOML', 'landlock.toml',
  (json) => `${stringifyToml(renamed(json, snake) as Record<string, unknown>)}`)
