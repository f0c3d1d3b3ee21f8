/** The offers of this machine: Node, the kernel's own walls, and the programs that some commands start. */
import childProcess from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Item } from './item.ts'

/** As `engines` of the package says. */
const LEAST_NODE = [20, 19] as const

export const nodeItems = (version = process.versions.node): Item[] => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  const node: Item = { part: 'node', name: 'node', state: isNew ? 'ok' : 'wrong', text: version }
  const jspi = { part: 'node', name: 'JSPI' } as const
  const suspends = 'Suspending' in WebAssembly
  return [
    isNew ? node : { ...node, hint: `lsmkit needs Node ${LEAST_NODE.join('.')} or later` },
    suspends
      ? { ...jspi, state: 'ok', text: 'WASI programs can wait in your thread' }
      : { ...jspi, state: 'absent', text: 'programs that wait get a worker', hint: 'Node 24 has it' },
  ]
}

export const hostItems = (env: NodeJS.ProcessEnv = process.env): Item[] => [
  kernelItem(),
  landlockItem(),
  namespacesItem(),
  programItem(env, 'nats-server', env.NATS_SERVER, ['nats-server'], '`lsm fleet` and its checks start it'),
  programItem(env, 'Chromium', env.CHROMIUM, ['chromium', 'chromium-browser', 'google-chrome'], 'browser tests use it'),
]

const text = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

const kernelItem = (): Item => {
  const lsms = text('/sys/kernel/security/lsm')
  const own = lsms === null ? '' : `, its LSMs: ${lsms}`
  return { part: 'host', name: 'kernel', state: 'ok', text: `${process.platform} ${release()}${own}` }
}

/** landlock_create_ruleset(2), 444 on every CPU, without attributes and with LANDLOCK_CREATE_RULESET_VERSION. */
const askers: readonly (readonly [string, readonly string[]])[] = [
  ['perl', ['-e', 'print syscall(444, 0, 0, 1)']],
  ['python3', ['-c', 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))']],
]

const landlockItem = (): Item => {
  const item = { part: 'host', name: 'Landlock' } as const
  if (process.platform !== 'linux') return { ...item, state: 'absent', text: 'not Linux' }
  for (const [program, args] of askers) {
    const asked = childProcess.spawnSync(program, args, { encoding: 'utf8', timeout: 5000 })
    if (asked.status !== 0 || !/^-?\d+$/.test(asked.stdout.trim())) continue
    const abi = Number(asked.stdout)
    return abi > 0
      ? { ...item, state: 'ok', text: `ABI ${abi}` }
      : { ...item, state: 'absent', text: 'the kernel has it not, or did not start it', hint: 'lsm=landlock,…' }
  }
  return { ...item, state: 'note', text: 'unknown: asking takes perl or python3' }
}

/** Each says 0 where it forbids them. */
const gates = ['/proc/sys/user/max_user_namespaces', '/proc/sys/kernel/unprivileged_userns_clone'] as const

const namespacesItem = (): Item => {
  const item = { part: 'host', name: 'user namespaces' } as const
  if (text('/proc/self/ns/user') === null && process.platform !== 'linux') {
    return { ...item, state: 'absent', text: 'not Linux' }
  }
  const closed = gates.find((path) => text(path) === '0')
  if (closed !== undefined) return { ...item, state: 'absent', text: `${closed} is 0` }
  const restricted = text('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1'
  if (restricted) return { ...item, state: 'note', text: 'only for programs with a profile of AppArmor that allows it' }
  const made = childProcess.spawnSync('unshare', ['--user', 'true'], { encoding: 'utf8', timeout: 5000 })
  if (made.error !== undefined) return { ...item, state: 'note', text: 'allowed by sysctl; trying takes unshare(1)' }
  return made.status === 0
    ? { ...item, state: 'ok', text: 'can be made' }
    : { ...item, state: 'absent', text: `cannot be made: ${made.stderr.trim().split('\n')[0] ?? ''}` }
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const programItem = (
  env: NodeJS.ProcessEnv, name: string, told: string | undefined, names: readonly string[], use: string,
): Item => {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const places = told === undefined ? names.flatMap((one) => folders.map((folder) => join(folder, one))) : [told]
  const found = places.find(isExecutable)
  return found === undefined
    ? { part: 'host', name, state: 'absent', text: use }
    : { part: 'host', name, state: 'ok', text: found }
}
