/** Which wall holds each line of a policy, and what a box refuses beside them. */
import { ownValue } from '@lsmkit/abi'
import { hostText } from '@lsmkit/sandbox/hosts'
import type { Policy, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { limitNames } from '@lsmkit/wasi/limits'
import type { LimitName, LimitNumbers } from '@lsmkit/wasi/limits'
import type { CallChoice } from './calls.ts'
import type { Facts } from './facts.ts'
import type { GapId } from './gaps.ts'
import { QUIET_ABI } from './landlock-plan.ts'
import { finer, hostPathOf, isTemporary, placesOf } from './mapping.ts'
import type { CgroupPlan, Line, Wall } from './plan.ts'

export interface LineParts {
  readonly policy: Policy
  readonly allow: WholeAllow
  readonly facts: Facts
  readonly choice: CallChoice
  readonly limits: LimitNumbers
  readonly cgroup: CgroupPlan | null
  /** Hosts are reached through a proxy. */
  readonly isProxied: boolean
  /** The program can be the user that the policy names. */
  readonly hasUser: boolean
  /** Paths whose refusals are not logged. */
  readonly quiet: readonly string[]
}

const held = (line: string, walls: readonly Wall[], note = ''): Line => ({ line, walls, note, gap: null })
const partly = (line: string, walls: readonly Wall[], gap: GapId, note = ''): Line => ({ line, walls, note, gap })
const open = (line: string, gap: GapId, note = ''): Line => ({ line, walls: ['neither'], note, gap })

/** Held by Landlock from an ABI on. */
const since = (abi: number, line: string, gap: GapId, { facts }: LineParts, note = ''): Line =>
  (facts.landlock >= abi ? held(line, ['landlock'], note) : open(line, gap, note))

const pathNote = (list: 'read' | 'write' | 'exec', path: string, { policy, facts }: LineParts): string => {
  const mapped = placesOf(policy, path)
  if (mapped.length === 0) return 'no folder of the host there: nothing is granted'
  const notes = mapped.flatMap((one) => {
    const places = finer(one, facts.folders)
    const { place } = one
    const name = place.private === null ? hostPathOf(place) : 'a private folder'
    const from = name === path ? '' : `on the host ${name}`
    const readOnly = list === 'write' && !place.writable ? 'the folder is not writable: changes are refused' : ''
    const split = places.length === 1 && places[0] === place ? ''
      : `a mount hides a part of it: ${places.length} rules for what is there now; new names are refused`
    const names = ownValue(facts.names, hostPathOf(place)) ?? 1
    const links = names === 1 ? '' : `the file has ${names} names (hard links), and the rule is for all of them`
    const missing = place.private === null && facts.missing.includes(hostPathOf(place))
      ? 'nothing is there: nothing is granted' : ''
    return [from, missing, readOnly, split, links].filter((note) => note !== '')
  })
  return notes.join('; ')
}

const fileLines = (parts: LineParts): Line[] =>
  (['read', 'write', 'exec'] as const).flatMap((list) => parts.allow[list].map((path) =>
    since(1, `allow.${list}: ${path}`, 'landlock', parts, pathNote(list, path, parts))))

const peerLines = (parts: LineParts): Line[] => {
  const { allow, facts } = parts
  const lines = (['connect', 'listen'] as const).flatMap((list) => allow[list].flatMap((peer) => {
    const line = `allow.${list}: ${peer}`
    if (peer !== 'unix') return [since(4, line, 'tcp-ports', parts, parts.isProxied ? 'of this machine alone' : '')]
    return [
      ...(facts.landlock >= 9 ? [held(line, ['landlock'])] : [partly(line, ['seccomp'], 'unix-paths')]),
      ...(facts.landlock >= 6 ? [] : [open(`${line} (abstract)`, 'unix-abstract')]),
    ]
  }))
  const hosts = allow.hosts.map((rule) => {
    const text = typeof rule === 'string' ? rule : hostText(rule.host, rule.port, rule.protocol)
    const line = `allow.hosts: ${text}`
    if (text.endsWith('/udp')) return open(line, 'datagrams')
    return parts.isProxied ? held(line, ['proxy'], 'by name; sockets lead to the proxy and to no other machine')
      : partly(line, ['landlock'], 'hosts', 'the port at any address')
  })
  return [...lines, ...hosts]
}

/** A program that has other ports can connect without being counted. */
const throughProxy = (line: string, gap: GapId, { isProxied, allow }: LineParts): Line =>
  (isProxied && allow.connect.every((peer) => peer === 'unix') ? held(line, ['proxy']) : open(line, gap))

/** How each limit is held. */
const limitLine: Readonly<Record<LimitName, (line: string, parts: LineParts) => Line | null>> = {
  time: (line) => held(line, ['keeper'], 'everything that the program started ends with it'),
  memory: (line, { cgroup }) => ((cgroup?.memory ?? null) === null
    ? held(line, ['rlimit'], 'private memory of each process') : held(line, ['cgroup'], 'of all processes together')),
  output: (line) => held(line, ['start'], 'counted in pipes'),
  files: (line) => partly(line, ['rlimit'], 'files', 'of each file'),
  inodes: (line) => open(line, 'inodes'),
  descriptors: (line) => held(line, ['rlimit'], 'of each process'),
  processes: (line, { cgroup, facts }) => {
    if ((cgroup?.pids ?? null) !== null) return held(line, ['cgroup'], 'threads count')
    return facts.uid === 0 ? open(line, 'processes')
      : held(line, ['rlimit'], 'threads count, and others that the same user starts meanwhile')
  },
  connections: (line, parts) => throughProxy(line, 'connections', parts),
  traffic: (line, parts) => throughProxy(line, 'traffic', parts),
  // of WebAssembly
  tables: () => null,
  loops: () => null,
}

const limitLines = (parts: LineParts): Line[] => {
  const { limits = {} } = parts.policy
  return limitNames.flatMap((name) => {
    const value = limits[name]
    if (value === undefined || parts.limits[name] === Infinity) return []
    const line = limitLine[name](`limits.${name}: ${String(value)}`, parts)
    return line === null ? [] : [line]
  })
}

const otherLines = ({ policy, hasUser }: LineParts): Line[] => {
  const { user, label, modules = [], attributes = {}, mounts = {}, env = {} } = policy
  const lines: Line[] = []
  if (user !== undefined) {
    lines.push(hasUser ? held(`user: ${user}`, ['start']) : open(`user: ${user}`, 'user'))
  }
  if (label !== undefined) lines.push(open(`label: ${label}`, 'label'))
  lines.push(...modules.map(({ module }) => open(`modules: ${module}`, 'modules')))
  lines.push(...Object.keys(attributes).map((path) => open(`attributes: ${path}`, 'file-labels')))
  for (const [path, place] of Object.entries(mounts)) {
    if (place.kind === 'memory') {
      const line = `mounts: ${path}`
      const note = 'a private folder, which TMPDIR names'
      lines.push(isTemporary(path) ? held(line, ['start'], note) : open(line, 'place'))
    }
    if (place.kind === 'host-folder' && place.copyOnWrite === true) {
      lines.push(held(`mounts: ${path}`, ['landlock'], 'copied on write: a native program may not write there'))
    }
  }
  lines.push(...Object.keys(env).map((name) => held(`env: ${name}`, ['start'])))
  return lines
}

const udpLines = ({ choice, facts }: LineParts): Line[] => {
  const line = 'everything else: UDP ports'
  if (!choice.udp) return []
  return [facts.landlock >= 10
    ? held(line, ['landlock'], 'look-ups, and ports of hosts') : open(line, 'udp', 'any port')]
}

const NULL = '/dev/null'

/** Many programs end when they cannot open it, and the reason is hard to see: shells write to it, git does both. */
const nullLines = (parts: LineParts): Line[] => {
  const { allow, policy } = parts
  const isIn = (list: 'read' | 'write'): boolean => allow[list].flatMap((path) => placesOf(policy, path))
    .some(({ place }) => place.private === null && (list === 'read' || place.writable) &&
      [NULL, '/dev', '/'].includes(hostPathOf(place)))
  const missing = (['read', 'write'] as const).filter((list) => !isIn(list))
  if (missing.length === 0) return []
  const lists = missing.map((list) => `\`${list}\``).join(' or ')
  const note = `not in ${lists}: shells and git fail when they open it; name \`${NULL}\` there`
  return [since(1, `everything else: ${NULL}`, 'landlock', parts, note)]
}

const moveLines = (parts: LineParts): Line[] => {
  const line = 'everything else: moves between paths of `write`'
  const note = 'allowed where the file gains no right; a box refuses them'
  return parts.allow.write.length < 2 ? [] : [since(1, line, 'landlock', parts, note)]
}

/** What no line names: a box refuses it, and so does this host unless a gap says otherwise. */
const elseLines = (parts: LineParts): Line[] => {
  const { choice, facts } = parts
  const other = (what: string): string => `everything else: ${what}`
  const families = [choice.tcp ? 'TCP' : '', choice.udp ? 'UDP' : '', choice.unix ? 'UNIX' : '']
    .filter((one) => one !== '')
  const sockets = families.length === 0 ? 'no socket can be made' : `only ${families.join(', ')}`
  return [
    since(1, other('files'), 'landlock', parts, 'names, modes and sizes of files stay visible, as in a box'),
    ...nullLines(parts),
    ...moveLines(parts),
    since(3, other('cutting files'), 'truncate', parts),
    since(5, other('ioctl of devices'), 'ioctl-dev', parts),
    choice.attributes
      ? open(other('attributes'), 'attributes', 'accepted: chmod, chown, utimes, xattrs of what the user owns')
      : held(other('attributes'), ['seccomp'],
        'chmod, chown, utimes, xattrs are refused everywhere; `attributes` opens them'),
    choice.attributeReads ? open(other('reading attributes'), 'attribute-reads', 'accepted: by any path')
      : held(other('reading attributes'), ['seccomp'],
        'a file shows its extended attributes where it is opened; `attribute-reads` opens the rest'),
    choice.fileEvents ? open(other('events of files'), 'file-events', 'accepted: inotify of any path')
      : held(other('events of files'), ['seccomp'], 'no inotify; `file-events` opens it'),
    held(other('programs'), ['landlock'],
      'the loader and interpreters of `exec` run whatever may be read; such a program gains no right'),
    ...(choice.tcp ? [since(4, other('TCP ports'), 'tcp-ports', parts)] : []),
    held(other('sockets'), ['seccomp'], sockets),
    ...udpLines(parts),
    since(6, other('signals'), 'signals', parts, 'to processes that the program did not start'),
    held(other('system calls'), ['seccomp'], 'io_uring, ptrace, mounts, namespaces, keys, bpf, IPC and unknown calls'),
    held(other('privileges'), ['start'], 'no capability, no_new_privs, no descriptor but the three'),
    facts.hasChildrenList
      ? held(other('processes left behind'), ['keeper'], 'ended with the program, and when its starter dies')
      : open(other('processes left behind'), 'leftovers'),
  ]
}

/** A log keeps nothing in, so a kernel that cannot be quiet is no gap. */
const quietLines = ({ quiet, facts }: LineParts): Line[] => quiet.map((path) => (facts.landlock >= QUIET_ABI
  ? held(`quiet: ${path}`, ['landlock'], 'refusals there are not in the log of the kernel')
  : { line: `quiet: ${path}`, walls: ['neither'], note: 'logged by a kernel before ABI 10', gap: null }))

export const linesOf = (parts: LineParts): readonly Line[] =>
  [fileLines, quietLines, peerLines, limitLines, otherLines, elseLines].flatMap((linesFor) => linesFor(parts))
