/** The settings of a service as they are read, what they let a program do, and what a policy can take of them. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { specialCalls } from '../calls.ts'
import { badFile } from '../emit-error.ts'
import type { LeftOut, Written } from '../format.ts'
import { isBeneath } from '../question.ts'
import type { Answers } from '../question.ts'
import { rightsInView, viewAnswers } from '../view.ts'
import type { View } from '../view.ts'
import { takenViews } from './taken-views.ts'

/** Words of each setting, in order. An empty value takes back those before it. */
export type Service = ReadonlyMap<string, readonly string[]>

const WORD = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g

const wordOf = ([, double, single, bare]: RegExpExecArray, place: string): string => {
  const quoted = double ?? single
  const text = quoted === undefined ? bare! : quoted.replace(/\\(["'\\])/g, '$1')
  if (/(?<!%)(?:%%)*%(?!%)/.test(text)) throw badFile(place, `\`${text}\` has a specifier`, 'write what it stands for')
  return text.replaceAll('%%', '%')
}

const wordsOf = (value: string, place: string): string[] =>
  [...value.matchAll(WORD)].map((match) => wordOf(match, place))

/** Throws EmitError. */
export const serviceOf = ({ text }: Written): Service => {
  const service = new Map<string, string[]>()
  let section = 'Service'
  for (const [at, line] of text.replaceAll(/\\\r?\n/g, ' ').split('\n').entries()) {
    const bare = line.trim()
    if (bare === '' || /^[#;]/.test(bare)) continue
    const place = `line ${at + 1}`
    const head = /^\[(.+)\]$/.exec(bare)?.[1]
    if (head !== undefined) {
      section = head
      continue
    }
    const [, name, value] = /^([A-Za-z]\w*)\s*=\s*(.*)$/.exec(bare) ?? []
    if (name === undefined || value === undefined) throw badFile(place, `\`${bare}\` is not a setting`)
    if (section !== 'Service') continue
    if (value === '') service.set(name, [])
    else service.set(name, [...service.get(name) ?? [], ...wordsOf(value, place)])
  }
  return service
}

const listOf = (service: Service, name: string): readonly string[] => service.get(name) ?? []
const lastOf = (service: Service, name: string): string => listOf(service, name).at(-1) ?? ''
const isYes = (service: Service, name: string): boolean => /^(?:yes|true|on|1)$/i.test(lastOf(service, name))

/** `source:target:options`, with `\:` for a colon of a name; `-` in front lets a path be missing. */
const partsOf = (text: string): string[] =>
  text.replace(/^[-+]+/, '').split(/(?<!\\):/).map((part) => part.replace(/\\([\\:])/g, '$1'))

const plainView = (kind: View['kind'], target: string, readOnly: boolean, source: string | null = target): View =>
  ({ kind, target, source: kind === 'bind' ? source : null, readOnly, noExec: false })

/** Folders that ProtectSystem makes read-only. */
const protectedBy: ReadonlyMap<string, readonly string[]> = new Map([
  ['yes', ['/usr', '/boot', '/efi']], ['true', ['/usr', '/boot', '/efi']], ['full', ['/usr', '/boot', '/efi', '/etc']],
  ['strict', ['/']],
])

const homeViews = (service: Service): View[] => {
  const how = lastOf(service, 'ProtectHome')
  const kind = how === 'read-only' ? 'bind' : how === 'tmpfs' || /^(?:yes|true|on|1)$/i.test(how) ? 'hidden' : null
  return kind === null ? [] : ['/home', '/root', '/run/user'].map((path) => plainView(kind, path, true))
}

const stateFolders: readonly (readonly [name: string, base: string])[] = [
  ['StateDirectory', '/var/lib'], ['CacheDirectory', '/var/cache'], ['LogsDirectory', '/var/log'],
  ['RuntimeDirectory', '/run'],
]

const temporary = (service: Service): View[] => listOf(service, 'TemporaryFileSystem').map((text) => {
  const [target = '/', given = ''] = partsOf(text)
  const options = given.split(',')
  const [readOnly, noExec] = [options.includes('ro'), options.includes('noexec')]
  // systemd 257: with a line about executing at the same path, the folder of the host stays
  const isCovered = ['ExecPaths', 'NoExecPaths'].some((name) =>
    listOf(service, name).some((one) => partsOf(one)[0] === target))
  if (isCovered) return plainView('bind', target, readOnly)
  return { kind: readOnly ? 'hidden' : 'tmpfs', target, source: null, readOnly, noExec }
})

const binds = (service: Service, name: string, readOnly: boolean): View[] => listOf(service, name).map((text) => {
  const [source = '/', target = source] = partsOf(text)
  return plainView('bind', target, readOnly, source)
})

const isExecuted = (service: Service, path: string): boolean => {
  const depth = (name: string): number => Math.max(-1, ...listOf(service, name).map((text) => partsOf(text)[0]!)
    .filter((top) => isBeneath(path, top)).map((top) => top.length))
  return depth('ExecPaths') >= depth('NoExecPaths')
}

/** The tree: the host's, and what settings lay over it. Later ones win at the same place. */
export const serviceViews = (service: Service): View[] => {
  const paths = (name: string): string[] => listOf(service, name).map((text) => partsOf(text)[0]!)
  const views = [
    plainView('bind', '/', false),
    ...(protectedBy.get(lastOf(service, 'ProtectSystem')) ?? []).map((path) => plainView('bind', path, true)),
    ...homeViews(service),
    ...(isYes(service, 'PrivateTmp') ? ['/tmp', '/var/tmp'].map((path) => plainView('tmpfs', path, false)) : []),
    ...paths('ReadOnlyPaths').map((path) => plainView('bind', path, true)),
    ...paths('ReadWritePaths').map((path) => plainView('bind', path, false)),
    ...temporary(service), ...binds(service, 'BindReadOnlyPaths', true), ...binds(service, 'BindPaths', false),
    ...stateFolders.flatMap(([name, base]) => paths(name).map((path) => plainView('bind', `${base}/${path}`, false))),
    ...paths('InaccessiblePaths').map((path) => plainView('hidden', path, true)),
  ]
  const breaks = [...paths('ExecPaths'), ...paths('NoExecPaths')]
    .filter((path) => !views.some(({ target }) => target === path))
  // a change of `noexec` alone is a place of its own
  const all = [...views, ...breaks.flatMap((path) => {
    const above = deepest(views, path)
    return above === undefined ? [] : [{ ...above, target: path, source: sourceAt(above, path) }]
  })]
  return all.map((view) => ({ ...view, noExec: view.noExec || !isExecuted(service, view.target) }))
}

const deepest = (views: readonly View[], path: string): View | undefined =>
  views.filter(({ target }) => isBeneath(path, target))
    .reduce<View | undefined>(
      (best, one) => (best === undefined || one.target.length >= best.target.length ? one : best), undefined)

const sourceAt = ({ source, target }: View, path: string): string | null =>
  (source === null ? null : `${source === '/' ? '' : source}${path.slice(target === '/' ? 0 : target.length)}`)

const families: ReadonlyMap<string, number> = new Map([
  ['AF_UNIX', 1], ['AF_INET', 2], ['AF_INET6', 10], ['AF_NETLINK', 16], ['AF_PACKET', 17],
])

const makesFamily = (service: Service, family: number): boolean => {
  const names = listOf(service, 'RestrictAddressFamilies')
  if (names.length === 0) return true
  const refuses = names[0]!.startsWith('~')
  const listed = names.map((name) => families.get(name.replace(/^~/, ''))).includes(family)
  return listed !== refuses
}

const refusedCalls = (service: Service): ReadonlySet<string> => {
  const names = listOf(service, 'SystemCallFilter')
  if (names[0]?.startsWith('~') !== true) return new Set()
  return new Set(names.map((name) => name.replace(/^~/, '').replace(/:.*$/, '')))
}

const isBound = (service: Service, port: number): boolean => {
  const covers = (rule: string): boolean => {
    const [, , ports = 'any'] = /^(?:(ipv[46]):)?(?:(?:tcp|udp):?)?(any|[\d-]*)$/.exec(rule) ?? [null, null, '']
    if (rule === 'any' || rule === 'tcp' || ports === '') return rule === 'any' || rule === 'tcp'
    const [from, to = from] = ports.split('-').map(Number)
    return ports !== 'any' && port >= from! && port <= to!
  }
  return listOf(service, 'SocketBindAllow').some(covers) || !listOf(service, 'SocketBindDeny').some(covers)
}

const isAddressAllowed = (service: Service, host: string): boolean => {
  if (!listOf(service, 'IPAddressDeny').includes('any')) return true
  const allowed = listOf(service, 'IPAddressAllow')
  return allowed.includes(host) || (allowed.includes('localhost') && (host === '127.0.0.1' || host === '::1'))
}

const isCallAllowed = (service: Service, name: string): boolean => {
  const row = specialCalls.get(name)
  if (refusedCalls(service).has(name)) return false
  if (row?.kind === 'namespace') return !isYes(service, 'RestrictNamespaces')
  const capability = row?.capability ?? null
  const bound = service.get('CapabilityBoundingSet')
  return capability === null || bound === undefined || bound.includes(capability)
}

export const serviceAnswers = (service: Service): Answers => {
  const views = serviceViews(service)
  const paths = viewAnswers(views)
  const isPrivate = isYes(service, 'PrivateNetwork')
  const makesTcp = makesFamily(service, 2)
  const makesPairs = isCallAllowed(service, 'socketpair')
  return (question) => {
    switch (question.kind) {
      case 'path': return paths(question)
      // RestrictAddressFamilies does not judge socketpair, and datagrams of a pair reach every socket
      case 'unix': return (makesFamily(service, 1) || makesPairs) && rightsInView(views, question.path).read
      case 'connect': return makesTcp
      case 'listen': return makesTcp && isBound(service, question.port)
      case 'host': return makesTcp && !isPrivate && isAddressAllowed(service, question.host)
      case 'socket': return makesFamily(service, question.family)
      case 'pair': return makesPairs
      case 'call': return isCallAllowed(service, question.name)
      case 'outside': switch (question.what) {
        case 'signal': return !isYes(service, 'PrivatePIDs')
        case 'ipc': return !isYes(service, 'PrivateIPC')
        case 'abstract-socket': return !isPrivate && (makesFamily(service, 1) || makesPairs)
      }
    }
  }
}

/** Settings that a policy has a place for, and those that only take something away that a box has not anyway. */
const known: ReadonlySet<string> = new Set([
  'TemporaryFileSystem', 'BindPaths', 'BindReadOnlyPaths', 'ExecPaths', 'NoExecPaths', 'InaccessiblePaths',
  'ReadOnlyPaths', 'ReadWritePaths', 'ProtectSystem', 'ProtectHome', 'PrivateTmp',
  ...stateFolders.map(([name]) => name),
  'PrivateNetwork', 'PrivateIPC', 'PrivatePIDs', 'RestrictAddressFamilies', 'SocketBindAllow', 'SocketBindDeny',
  'CapabilityBoundingSet', 'AmbientCapabilities', 'NoNewPrivileges', 'RestrictNamespaces', 'SystemCallArchitectures',
  'SystemCallFilter', 'SystemCallErrorNumber', 'IPAddressDeny', 'IPAddressAllow', 'User', 'Environment',
  'RuntimeMaxSec', 'MemoryMax', 'TasksMax', 'LimitNOFILE', 'PrivateDevices', 'ProtectKernelTunables',
  'ProtectKernelModules',
  'ProtectKernelLogs', 'ProtectControlGroups', 'ProtectClock', 'ProtectHostname', 'ProtectProc', 'LockPersonality',
  'RestrictRealtime', 'RestrictSUIDSGID', 'PrivateUsers', 'UMask',
])

const limitsOf = (service: Service): Policy['limits'] => {
  const time = /^(\d+)(ms|s|min|h)?$/.exec(lastOf(service, 'RuntimeMaxSec'))
  const memory = /^(\d+)([KMGT]?)$/.exec(lastOf(service, 'MemoryMax'))
  const [processes, descriptors] = ['TasksMax', 'LimitNOFILE'].map((name) => Number(lastOf(service, name) || NaN))
  return {
    ...(time === null ? {} : { time: `${time[1]} ${time[2] ?? 's'}` }),
    ...(memory === null ? {} : { memory: memory[2] === '' ? Number(memory[1]) : `${memory[1]} ${memory[2]}iB` }),
    ...(Number.isInteger(processes) ? { processes: processes! } : {}),
    ...(Number.isInteger(descriptors) ? { descriptors: descriptors! } : {}),
  }
}

const portsOf = (service: Service): { listen: number[]; leftOut: LeftOut[] } => {
  const listen: number[] = []
  const leftOut: LeftOut[] = []
  for (const rule of listOf(service, 'SocketBindAllow')) {
    const port = /^(?:ipv[46]:)?tcp:(\d+)$/.exec(rule)?.[1]
    if (port === undefined) leftOut.push({ place: 'SocketBindAllow', text: `\`${rule}\` is not one port of TCP` })
    else listen.push(Number(port))
  }
  return { listen, leftOut }
}

export const serviceTaken = (service: Service): { policy: Policy; leftOut: LeftOut[] } => {
  const { policy, leftOut } = takenViews(serviceViews(service))
  const { listen, leftOut: ports } = portsOf(service)
  const limits = limitsOf(service)
  const env = Object.fromEntries(listOf(service, 'Environment').map((text) => {
    const at = text.indexOf('=')
    return [text.slice(0, at), text.slice(at + 1)]
  }))
  const user = lastOf(service, 'User')
  const others: LeftOut[] = [...service.keys()].filter((name) => !known.has(name))
    .map((place) => ({ place, text: 'a policy has no place for it' }))
  if (makesFamily(service, 2)) {
    const text = 'ports and hosts that may be connected to are not named: add `connect` or `hosts`'
    others.push({ place: 'RestrictAddressFamilies', text })
  }
  return {
    policy: {
      ...policy,
      allow: {
        ...policy.allow, ...(makesFamily(service, 1) ? { connect: ['unix' as const] } : {}),
        ...(listen.length === 0 ? {} : { listen }),
      },
      ...(Object.keys(limits ?? {}).length === 0 ? {} : { limits: limits! }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
      ...(user === '' ? {} : { user: /^\d+$/.test(user) ? Number(user) : user }),
    },
    leftOut: [...leftOut, ...ports, ...others],
  }
}
