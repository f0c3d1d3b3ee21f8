/** Refusals of Landlock as a policy of a box: the JSON that `lsm sandbox` and `createSandbox` read. */
import { blockedIn, learnRuleset } from '@lsmkit/landlock/learn'
import type { LandlockProposal } from '@lsmkit/landlock/learn'
import type { LogText } from '@lsmkit/core/policy/audit-log'
import { checkPolicy } from '@lsmkit/sandbox'
import { hostText, narrowedHost } from '@lsmkit/sandbox/hosts'
import type { Allow, Peer, Policy } from '@lsmkit/sandbox'
import { readHostJson } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { held } from './host-log.ts'
import { hostRecordsIn } from './host-records.ts'
import type { Learned, Learner } from './learner.ts'

type List = 'read' | 'write' | 'exec' | 'connect' | 'listen'

/** The list of `allow` that holds a right; all others change something. */
const lists: ReadonlyMap<string, List> = new Map([
  ['read_file', 'read'], ['read_dir', 'read'], ['execute', 'exec'], ['connect_tcp', 'connect'], ['bind_tcp', 'listen'],
])
const listOf = (right: string): List => lists.get(right) ?? 'write'

const united = <T extends string | number>(before: readonly T[] | undefined, more: readonly T[]): readonly T[] =>
  [...new Set([...before ?? [], ...more])].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/** `allow` with what the proposals ask for. */
const allowed = (before: Allow, proposals: readonly LandlockProposal[]): Allow => {
  const found = (list: List): LandlockProposal[] =>
    proposals.filter(({ rights }) => rights.some((right) => listOf(right) === list))
  const paths = (list: List): string[] => found(list).flatMap(({ path }) => (path === null ? [] : [path]))
  const ports = (list: List): Peer[] => found(list).flatMap(({ port }) => (port === null ? [] : [port]))
  const all = {
    ...before,
    read: united(before.read, paths('read')), write: united(before.write, paths('write')),
    exec: united(before.exec, paths('exec')),
    connect: united(before.connect, ports('connect')), listen: united(before.listen, ports('listen')),
  }
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0))
}

/** Hosts that a program was refused, each once. */
const hostsIn = (log: LogText): readonly string[] => {
  const denied = [...hostRecordsIn(log)].filter(({ was }) => was === 'denied')
  return [...new Set(denied.map(({ host, port, protocol }) => hostText(host, port, protocol)))].toSorted()
}

const withHosts = (before: Allow, hosts: readonly string[]): Allow => {
  const known = before.hosts ?? []
  const more = hosts.filter((host) => narrowedHost(host, known) === null)
  return more.length === 0 ? before : { ...before, hosts: [...known, ...more] }
}

const baseOf = (io: Io, name: string | undefined): Policy =>
  (name === undefined ? { version: 1 } : checkPolicy(readHostJson(io, name), name))

export const sandbox: Learner = {
  comment: '//',
  learn(io, { name, log }, { base }): Learned {
    const blocked = held(blockedIn(log), name)
    const { proposals, impossible } = learnRuleset(blocked)
    const before = baseOf(io, base)
    const hosts = hostsIn(log)
    const policy = { ...before, allow: withHosts(allowed(before.allow ?? {}, proposals), hosts) }
    return {
      records: blocked.length + hosts.length, already: 0, proposals, policy,
      text: `${JSON.stringify(policy, null, 2)}\n`,
      objections: impossible,
    }
  },
}
