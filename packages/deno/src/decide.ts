/** The answer of a policy to one request of Deno, with a sentence and the permit that would allow it. */
import { delimiter, join, resolve } from 'node:path'
import { accessSync, constants } from 'node:fs'
import type { PolicyAnswers } from '@lsmkit/emit'
import type { Allow } from '@lsmkit/sandbox/policy-parts'
import type { DenoRequest } from './protocol.ts'
import { cwdOf, realPathOf } from './real-path.ts'

export interface Decision {
  readonly allowed: boolean
  /** Of the host, with its links followed; null where the request is about no path. */
  readonly path: string | null
  /** For people: `/etc/passwd`: read refused, not beneath what the policy lets be read. */
  readonly sentence: string
  /** The permission that is missing; null where `allow` has none for it. */
  readonly permit: Allow | null
}

export interface Subject {
  readonly answers: PolicyAnswers
  /** Variables that may be read: names, or all of them where the environment is one that holds no secrets. */
  readonly variables: ReadonlySet<string> | 'all'
  /** Where relative names begin if the process cannot be seen. */
  readonly cwd: string
}

const allowed = (path: string | null, sentence: string): Decision => ({ allowed: true, path, sentence, permit: null })
const refused = (sentence: string, permit: Allow | null = null, path: string | null = null): Decision =>
  ({ allowed: false, path, sentence, permit })

type PathList = 'read' | 'write' | 'exec'
const rights = { read: 'read', write: 'write', exec: 'execute' } as const

const decidePath = ({ answers, cwd }: Subject, list: PathList, value: string | null, pid: number | null): Decision => {
  if (value === null) {
    const all = answers.boxPath('/')
    const may = all !== null && answers.may({ kind: 'path', right: rights[list], path: all, host: '/' })
    return may ? allowed('/', `${list} of everything`) : refused(`everything: ${list} refused, only places are named`)
  }
  const named = resolve(cwdOf(pid) ?? cwd, value)
  const real = realPathOf(named, pid)
  if (real === null) return refused(`\`${value}\`: ${list} refused, nobody can see where it leads`)
  const text = real === named ? `\`${real}\`` : `\`${value}\` (which is \`${real}\`)`
  const path = answers.boxPath(real)
  if (path !== null && answers.may({ kind: 'path', right: rights[list], path, host: real })) {
    return allowed(real, `${text}: ${list}`)
  }
  // who made the link is not known, so nobody is offered what it leads to
  const permit = path === null || real !== named ? null : { [list]: [path] }
  return refused(`${text}: ${list} refused, not beneath a place of \`${list}\``, permit, real)
}

/** `host:port`, `[::1]:80`, or a host alone, which is one at any port. */
const targetOf = (value: string): { host: string; port: number | null } => {
  const [, bracketed, bare = bracketed ?? value, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(value) ?? []
  return { host: bare.toLowerCase().replace(/\.$/, ''), port: port === undefined ? null : Number(port) }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1|0\.0\.0\.0|::)$/

const decideHost = ({ answers: { may } }: Subject, permission: string, value: string | null): Decision => {
  if (value === null) return refused(`${permission} refused: only hosts with their ports are named`)
  const { host, port } = targetOf(value)
  if (port === null) return refused(`\`${value}\`: ${permission} refused, a port belongs to a host of the policy`)
  if (may({ kind: 'host', host, port })) return allowed(null, `\`${value}\`: ${permission}`)
  // Deno asks alike for what is connected to and what is listened on
  const isOwn = LOOPBACK.test(host) && permission === 'net'
  if (isOwn && (may({ kind: 'connect', port }) || may({ kind: 'listen', port }))) {
    return allowed(null, `\`${value}\`: ${permission}`)
  }
  const rule = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return refused(`\`${value}\`: ${permission} refused, not in hosts`, isOwn ? { connect: [port] } : { hosts: [rule] })
}

/** As a shell finds a program. */
const programPath = (name: string): string => {
  if (name.includes('/')) return name
  const found = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
    .map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  return found ?? name
}

/** What every program of a box may learn about the system. */
const OPEN_SYS: ReadonlySet<string> = new Set([
  'osRelease', 'osUptime', 'loadavg', 'systemMemoryInfo', 'cpus', 'uid', 'gid', 'homedir', 'statfs', 'getPriority',
])

const decideVariable = ({ variables }: Subject, name: string | null): Decision => {
  const text = name === null ? 'all variables' : `\`${name}\``
  return variables === 'all' || (name !== null && variables.has(name)) ? allowed(null, `${text}: env`)
    : refused(`${text}: env refused, not among the variables of the policy`)
}

/** Permissions that are not known are refused. */
export const decide = (subject: Subject, { v, permission, value, pid }: DenoRequest): Decision => {
  if (v !== 1) return refused(`requests of version ${v} are not known`)
  switch (permission) {
    case 'read': case 'write': return decidePath(subject, permission, value, pid)
    // asked first for all programs, and then for the one
    case 'run': return decidePath(subject, 'exec', value === null ? null : programPath(value), pid)
    case 'net': case 'import': return decideHost(subject, permission, value)
    case 'env': return decideVariable(subject, value)
    case 'sys': return value !== null && OPEN_SYS.has(value) ? allowed(null, `\`${value}\`: sys`)
      : refused(`\`${value ?? 'all'}\`: sys refused`)
    case 'ffi': return refused(`\`${value ?? 'all'}\`: ffi refused, no policy holds native code`)
    default: return refused(`\`${permission}\` refused, it is not known here`)
  }
}
