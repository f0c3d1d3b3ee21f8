/** Settings of @anthropic-ai/sandbox-runtime (`~/.srt-settings.json`, `srt --settings`), as it reads them on Linux. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { badFile } from '../emit-error.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import type { Plain } from '../plain.ts'
import { entryRights, isBeneath, parentOf } from '../question.ts'
import type { Answers, PathQuestion } from '../question.ts'
import { isKind, lost, lostParts, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { parseJson } from './json.ts'
import type { Json } from './json.ts'
import { movedItems } from './places.ts'

interface Settings {
  readonly allowedDomains: readonly string[]
  readonly deniedDomains: readonly string[]
  readonly allowAllUnixSockets: boolean
  readonly denyRead: readonly string[]
  readonly allowRead: readonly string[]
  readonly allowWrite: readonly string[]
  readonly denyWrite: readonly string[]
}

/** Always writable, listed or not (README.md, "Filesystem Configuration"). */
const ALWAYS_WRITABLE = '/tmp/claude'
/** Never taken away by `denyRead: ["/"]`. */
const ALWAYS_READABLE = ['/proc', '/dev', '/sys']
/** Places below what may be written that are write-denied all the same ("Mandatory Deny Paths"). */
const mandatory: readonly RegExp[] = [
  /\/\.(?:gitconfig|gitmodules|bashrc|bash_profile|zshrc|zprofile|profile|ripgreprc|mcp\.json)(?:\/|$)/,
  /\/\.(?:vscode|idea)(?:\/|$)/, /\/\.claude\/(?:commands|agents)(?:\/|$)/, /\/\.git\/(?:hooks|config)(?:\/|$)/,
]
const isMandatory = (path: string): boolean => mandatory.some((one) => one.test(path))

const domainOf = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Why a host is no allowed domain; null if it is one. */
const unnamed = ({ kind, protocol, methods, paths }: Plain['hosts']['rules'][number]): string | null => {
  if (protocol === 'udp') return 'datagrams are not let out, so the host is left out'
  if (kind === 'any') return '`*` is not taken as an allowed domain'
  return methods === null && paths === null ? null : 'methods and paths are not judged, so the host is left out'
}

const settingsOf = (plain: Plain): object => {
  const { nodes, hosts, families } = plain
  const domains = hosts.rules.filter((rule) => unnamed(rule) === null)
    .map(({ kind, host, port }) => domainOf(kind === 'below' ? `*.${host}` : host, port))
  const places = (isIn: (rights: Plain['nodes'][number]['rights']) => boolean): string[] =>
    [...new Set(nodes.filter(({ rights }) => isIn(rights)).map(({ host }) => host))]
  return {
    network: {
      allowedDomains: [...new Set(domains)], deniedDomains: [], allowLocalBinding: plain.listen.length > 0,
      ...(families.unix ? { allowAllUnixSockets: true } : {}),
    },
    filesystem: {
      denyRead: ['/'], allowRead: places(({ read }) => read), allowWrite: places(({ write }) => write),
      denyWrite: nodes.filter(({ rights, host }) => !rights.write && nodes.some((one) =>
        one.rights.write && one.host !== host && isBeneath(host, one.host))).map(({ host }) => host),
    },
  }
}

const objectIn = (value: unknown, place: string): Json => {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw badFile(place, 'an object is expected')
}

const textsIn = (value: unknown, place: string): string[] => {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value as string[]
  throw badFile(place, 'a list of texts is expected')
}

/** `~` and names from where srt starts are the reader's. */
const readSettings = ({ text }: Written): Settings => {
  const whole = objectIn(parseJson(text, 'settings'), 'settings')
  const [network, files] = [objectIn(whole['network'], 'network'), objectIn(whole['filesystem'], 'filesystem')]
  const list = (name: string): string[] =>
    textsIn(files[name], `filesystem.${name}`).map((path) => path.replace(/\/\*\*$/, ''))
  return {
    allowedDomains: textsIn(network['allowedDomains'], 'network.allowedDomains'),
    deniedDomains: textsIn(network['deniedDomains'], 'network.deniedDomains'),
    allowAllUnixSockets: network['allowAllUnixSockets'] === true,
    denyRead: list('denyRead'), allowRead: list('allowRead'), allowWrite: list('allowWrite'),
    denyWrite: list('denyWrite'),
  }
}

const covers = (list: readonly string[], path: string): boolean => list.some((top) => isBeneath(path, top))

const mayRead = ({ denyRead, allowRead, allowWrite }: Settings, path: string): boolean =>
  !covers(denyRead, path) || covers(allowRead, path) || covers(allowWrite, path) ||
  covers([...ALWAYS_READABLE, ALWAYS_WRITABLE], path)

const mayWrite = ({ allowWrite, denyWrite }: Settings, path: string): boolean =>
  covers([ALWAYS_WRITABLE], path) ||
  (covers(allowWrite, path) && !covers(denyWrite, path) && !isMandatory(path))

const pathAllowed = (settings: Settings, { right, host }: PathQuestion): boolean => {
  switch (right) {
    case 'make-device': return false
    case 'read': case 'list': case 'execute': return mayRead(settings, host)
    default: return mayWrite(settings, entryRights.has(right) ? parentOf(host) : host) &&
      (!entryRights.has(right) || mayWrite(settings, host))
  }
}

/** As `matchesDomainPatternWithPort`: `*.` is for names below, and never for an address. */
const matches = (pattern: string, host: string, port: number): boolean => {
  const [, bracketed, bare = bracketed!, ports] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(pattern) ?? []
  if (bare === undefined || (ports !== undefined && Number(ports) !== port)) return false
  if (bare === '*') return true
  if (bare.startsWith('*.')) return !/^[\d.]+$|:/.test(host) && host.toLowerCase().endsWith(bare.slice(1).toLowerCase())
  return host.toLowerCase() === bare.toLowerCase()
}

const answersOf = (settings: Settings): Answers => (question) => {
  switch (question.kind) {
    case 'path': return pathAllowed(settings, question)
    // a pair of datagrams, which its filter lets be made, reaches them too
    case 'unix': return mayRead(settings, question.host)
    // a loopback of its own, with all its ports
    case 'connect': case 'listen': return true
    case 'host': return !settings.deniedDomains.some((one) => matches(one, question.host, question.port)) &&
      settings.allowedDomains.some((one) => matches(one, question.host, question.port))
    case 'socket': return question.family !== 1 || settings.allowAllUnixSockets
    case 'pair': case 'call': return true
    case 'outside': return question.what === 'ipc'
  }
}

const unsaidOf = (plain: Plain): Unsaid[] => {
  const { nodes, hosts, allow } = plain
  return [
    wider('always-open', 'allow: read', `/proc, /dev and /sys may be read, and ${ALWAYS_WRITABLE} may be written`,
      (question) => question.kind === 'path' && covers([...ALWAYS_READABLE, ALWAYS_WRITABLE], question.host)),
    ...nodes.filter(({ rights }) => rights.write && !rights.read).map(({ path, host }) => wider(
      'write-only', 'allow: write', `what may be written below \`${path}\` may be read too`,
      (question) => question.kind === 'path' && isBeneath(question.host, host) &&
        ['read', 'list'].includes(question.right))),
    wider('no-exec', 'allow: exec', 'what may be read may be executed',
      (question) => question.kind === 'path' && question.right === 'execute'),
    ...(allow.write.length === 0 ? [] : [narrower('protected-names', 'allow: write',
      'files of shells, git and editors (.bashrc, .gitconfig, .vscode and others) cannot be changed',
      (question) => question.kind === 'path' && isMandatory(question.host))]),
    wider('ports', 'allow: connect', 'every port of a loopback of its own may be used', isKind('connect', 'listen')),
    wider('sockets', 'allow: connect',
      'sockets of every family but UNIX may be made, in a network of their own', isKind('socket')),
    wider('calls', 'allow', 'a program keeps all system calls but those for UNIX sockets', isKind('call')),
    wider('ipc', 'allow', 'queues and segments of System V are not restricted',
      (question) => question.kind === 'outside' && question.what === 'ipc'),
    ...hosts.rules.flatMap((rule, at) => {
      const why = unnamed(rule)
      return why === null ? [] : [narrower('hosts', `allow: hosts[${at}]`, why, isKind('host'))]
    }),
    ...hosts.rules.flatMap(({ addresses }, at) => (addresses === null ? [] : [
      lost('addresses', `allow: hosts[${at}]`, 'the addresses that a name may lead to are not judged'),
    ])),
    wider('unix-sockets', 'allow: connect', plain.families.unix ? 'no paths of UNIX sockets are judged'
      : 'pairs of datagram sockets may be made, and reach any UNIX socket that may be read', isKind('unix', 'pair')),
    ...movedItems(plain, 'sandbox-runtime'), ...lostParts(plain, 'sandbox-runtime'),
  ]
}

const isAbsolute = (path: string): boolean => path.startsWith('/') && !/[*?[\]{}]/.test(path)

const takenOf = (settings: Settings): { policy: Policy; leftOut: LeftOut[] } => {
  const leftOut: LeftOut[] = []
  const leave = (place: string, text: string, more: object = {}): void => void leftOut.push({ place, text, ...more })
  const only = (list: readonly string[], place: string): string[] => list.filter((path) => {
    if (isAbsolute(path)) return true
    leave(place, `\`${path}\` is a pattern, or depends on who starts srt`)
    return false
  })
  const write = only(settings.allowWrite, 'filesystem.allowWrite')
  const isWhole = settings.denyRead.includes('/')
  if (!isWhole) leave('filesystem.denyRead', 'all may be read but what is listed: a policy names what may be read')
  const read = isWhole ? [...new Set([...only(settings.allowRead, 'filesystem.allowRead'), ...write])] : []
  for (const path of settings.denyWrite) {
    leave('filesystem.denyWrite', `\`${path}\` is taken away below, which a policy cannot say`, { path })
  }
  if (write.length > 0) {
    leave('filesystem.allowWrite', 'srt protects files of shells, git and editors, and a policy does not')
  }
  const hosts = settings.allowedDomains.filter((domain) => {
    if (/:\d+$/.test(domain)) return true
    leave('network.allowedDomains', `\`${domain}\` has no port: taken as \`${domain}:443\``)
    return true
  }).map((domain) => (/:\d+$/.test(domain) ? domain : `${domain}:443`))
  for (const domain of settings.deniedDomains) {
    leave('network.deniedDomains', `\`${domain}\` is taken away, which a policy cannot say`)
  }
  leave('network', 'every port of a loopback of its own may be used: add those that are needed to `connect`, `listen`')
  const exec = isWhole ? read : []
  const allow = Object.fromEntries(Object.entries({
    read: [], write, exec, connect: settings.allowAllUnixSockets ? ['unix'] : [], hosts,
  }).filter(([, list]) => list.length > 0))
  return { policy: { version: 1, allow }, leftOut }
}

export const sandboxRuntime: Format = {
  title: 'settings of @anthropic-ai/sandbox-runtime',
  file: 'srt-settings.json',
  write: (plain) => ({ text: `${JSON.stringify(settingsOf(plain), null, 2)}\n` }),
  unsaid: unsaidOf,
  answers: (written) => answersOf(readSettings(written)),
  take: (written) => takenOf(readSettings(written)),
}
