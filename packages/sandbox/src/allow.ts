/** `allow`: what a box may do, as hierarchies, ports, families of sockets and hosts. All else is refused. */
import { either, listOf, oneOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { RulesetOptions } from '@lsmkit/landlock'
import { hostRules } from './hosts/host-options.ts'
import { Hosts } from './hosts/hosts.ts'
import { isMistake, parseRule } from './hosts/host-rule.ts'
import type { HostRule } from './hosts/host-rule.ts'
import { SandboxError } from './sandbox-error.ts'

/** A TCP port, or sockets of the box's own tree. */
export type Peer = number | 'unix'

export interface Allow {
  /** Below these, files may be read and directories listed. */
  readonly read?: readonly string[]
  /** Below these, files may be written, made, removed, moved, and their modes, owners, times and attributes changed. */
  readonly write?: readonly string[]
  /** Below these, programs may be executed and read. */
  readonly exec?: readonly string[]
  /** TCP ports that may be connected to; `'unix'`: sockets that have a path below `write`. */
  readonly connect?: readonly Peer[]
  /** TCP ports that may be listened on; `'unix'` as in `connect`. */
  readonly listen?: readonly Peer[]
  /** Hosts of the network that may be reached: `api.github.com:443`, `*.npmjs.org:443`, `time.example:123/udp`. */
  readonly hosts?: readonly HostRule[]
}

export const allowNames = ['read', 'write', 'exec', 'connect', 'listen', 'hosts'] as const
const pathLists = ['read', 'write', 'exec'] as const

const aPath: OptionRule = {
  is: (value) => typeof value === 'string' && value.startsWith('/') && !value.includes('\0'),
  what: 'a path from the root',
  hint: (value) => (typeof value === 'string' ? `paths are those of the box: \`/${value}\`` : null),
}
const peers = listOf(either(wholeNumber(0, 65535), oneOf('unix')))

export const allowRules: OptionRules<Allow> = {
  read: listOf(aPath), write: listOf(aPath), exec: listOf(aPath), connect: peers, listen: peers,
  hosts: hostRules,
}

/** Throws SandboxError for lists that are well formed and mean nothing: a pattern of paths, a host without a port. */
export const checkAllow = (allow: Allow, place: string): void => {
  refuseGlobs(allow, place)
  for (const [at, rule] of (allow.hosts ?? []).entries()) {
    const parsed = parseRule(rule)
    if (isMistake(parsed))
      throw new SandboxError('bad-policy', parsed.message, { place: `${place}: hosts[${at}]`, hint: parsed.hint })
  }
}

/** A policy is about hierarchies, whatever they come to hold. */
const refuseGlobs = (allow: Allow, place: string): void => {
  for (const name of pathLists) {
    const at = (allow[name] ?? []).findIndex((path) => /[*?[\]{}]/.test(path))
    if (at < 0) continue
    const path = allow[name]![at]!
    const above = path.slice(0, path.search(/[*?[\]{}]/)).replace(/[^/]*$/, '').replace(/(.)\/$/, '$1')
    throw new SandboxError('bad-policy', `\`${path}\` is a pattern`, {
      place: `${place}: ${name}[${at}]`, hint: `name the directory, all below it is meant: \`${above}\``,
    })
  }
}

/** Paths as the kernel shows them, and each once. */
const clean = (paths: readonly string[] = []): string[] =>
  [...new Set(paths.map((path) => `/${path.split('/').filter((part) => part !== '' && part !== '.').join('/')}`))]

export type WholeAllow = Required<Allow>

export const wholeAllow = (allow: Allow): WholeAllow => ({
  read: clean(allow.read), write: clean(allow.write), exec: clean(allow.exec),
  connect: [...new Set(allow.connect)], listen: [...new Set(allow.listen)],
  hosts: [...new Map((allow.hosts ?? []).map((rule) => [JSON.stringify(rule), rule])).values()],
})

/** The union of both. */
export const widened = (allow: Allow, more: Allow): WholeAllow => {
  const [a, b] = [wholeAllow(allow), wholeAllow(more)]
  return wholeAllow(Object.fromEntries(allowNames.map((name) => [name, [...a[name], ...b[name]]])))
}

/** Landlock knows ports alone: `hosts` decides who may be connected to at them. */
const portsOf = (hosts: readonly HostRule[]): readonly number[] => new Hosts(hosts).ports

const tcp = (list: readonly Peer[]): number[] => list.filter((peer) => typeof peer === 'number')

/** The part that Landlock keeps, all of ABI 9 restricted. */
export const landlockRules = ({ read, write, exec, connect, listen, hosts }: WholeAllow): RulesetOptions => ({
  read, write, execute: exec,
  // a socket below what may be written is the box's own
  paths: connect.includes('unix') ? Object.fromEntries(write.map((path) => [path, ['resolve_unix']])) : {},
  connect: [...new Set([...tcp(connect), ...portsOf(hosts)])], bind: tcp(listen),
  scope: ['signal', 'abstract_unix_socket'],
  abi: 9,
})

/** Families of sockets that may be made. */
export interface Families {
  readonly tcp: boolean
  /** To hosts alone. */
  readonly udp: boolean
  readonly unix: boolean
}
export const familiesOf = ({ connect, listen, hosts }: WholeAllow): Families => {
  const all = [...connect, ...listen]
  const named = new Hosts(hosts)
  return { tcp: tcp(all).length > 0 || named.ports.length > 0, udp: named.hasUdp, unix: all.includes('unix') }
}
