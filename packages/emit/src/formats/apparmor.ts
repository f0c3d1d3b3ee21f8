/** A profile of AppArmor, for `aa-exec -p lsmkit-sandbox`, a container runtime or Kubernetes. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { compileProfiles, kernelFeatures, memoryFiles, ProfileError } from '@lsmkit/apparmor/profile'
import type { CompileResult } from '@lsmkit/apparmor/profile'
import { decidersOf, questionOf } from '@lsmkit/apparmor/query'
import { specialCalls } from '../calls.ts'
import { badFile } from '../emit-error.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import { isNothing } from '../plain.ts'
import type { Plain, Rights } from '../plain.ts'
import { isBeneath } from '../question.ts'
import type { Answers, PathQuestion } from '../question.ts'
import { isKind, lostParts, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { movedItems } from './places.ts'

export const PROFILE = 'lsmkit-sandbox'

/** The path and all below it. A directory's own name ends with a slash. */
const pattern = (path: string): string => {
  const text = path === '/' ? '/{,**}' : `${path.replace(/["\\^@]/g, '\\$&')}{,/,/**}`
  return /[\s"\\]/.test(text) ? `"${text}"` : text
}

const letters = ({ read, write, execute }: Rights): string =>
  `${execute ? 'm' : ''}${read ? 'r' : ''}${write ? 'wl' : ''}${read || write ? 'k' : ''}${execute ? 'ix' : ''}`

const lackingLetters = (rights: Rights): string =>
  `${rights.read ? '' : 'r'}${rights.write ? '' : 'wl'}${rights.execute ? '' : 'mx'}`

/** Rules add up beneath, so what a mount takes away is denied, where nothing deeper is allowed again. */
const fileLines = ({ nodes }: Plain): string[] => nodes.flatMap((node) => {
  const lines = isNothing(node.rights) ? [] : [`${pattern(node.host)} ${letters(node.rights)},`]
  const above = nodes.filter((one) => one !== node && isBeneath(node.host, one.host))
  const isAlone = !nodes.some((one) => one !== node && (isBeneath(one.host, node.host)))
  const given = above.map(({ rights }) => rights)
  const isTaken = given.some((rights) => (rights.read && !node.rights.read) || (rights.write && !node.rights.write) ||
    (rights.execute && !node.rights.execute))
  return isTaken && isAlone ? [...lines, `deny ${pattern(node.host)} ${lackingLetters(node.rights)},`] : lines
})

const textOf = (plain: Plain): string => {
  const { families: { tcp, unix } } = plain
  const lines = [
    ...fileLines(plain),
    ...(tcp ? ['network inet stream,', 'network inet6 stream,'] : []), ...(unix ? ['network unix,'] : []),
    `signal (send, receive) peer=${PROFILE},`, `ptrace (trace, read, tracedby, readby) peer=${PROFILE},`,
  ]
  return ['abi <abi/4.0>,', '', `profile ${PROFILE} {`, ...lines.map((line) => `  ${line}`), '}', ''].join('\n')
}

/** The features that Debian and Ubuntu ship as abi 4.0 are those of the kernel here: the line changes nothing else. */
const compiled = (text: string): CompileResult => {
  try {
    return compileProfiles('profile', {
      files: memoryFiles({ profile: text.replace(/^\s*abi\s*<[^>]*>\s*,/m, '') }), features: kernelFeatures('6.12'),
    })
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    throw badFile(`line ${error.place?.line ?? 1}`, error.summary, error.hint)
  }
}

const letterOf: Readonly<Record<PathQuestion['right'], string>> = {
  read: 'r', list: 'r', write: 'w', truncate: 'w', make: 'w', 'make-dir': 'w', 'make-link': 'w', 'make-pipe': 'w',
  remove: 'w', 'remove-dir': 'w', move: 'rw', attributes: 'w', execute: 'x', 'make-device': 'w',
}
const isDirectory: ReadonlySet<PathQuestion['right']> = new Set(['list', 'make-dir', 'remove-dir'])

const answersOf = ({ binary }: CompileResult): Answers => {
  const [decide] = decidersOf(binary).values()
  if (decide === undefined) throw badFile('apparmor', 'the file has no profile')
  const may = (kind: string, ...words: readonly string[]): boolean =>
    decide(questionOf(kind, words), { owner: false }).allowed
  const mayCap = (capability: string): boolean => may('capability', capability.slice('CAP_'.length).toLowerCase())
  return (question) => {
    switch (question.kind) {
      case 'path': {
        if (question.right === 'make-device' && !mayCap('CAP_MKNOD')) return false
        const name = isDirectory.has(question.right) && question.host !== '/' ? `${question.host}/` : question.host
        return may('file', name, letterOf[question.right])
      }
      case 'connect': case 'listen': case 'host': return may('network', 'inet', 'stream')
      case 'unix': return may('network', 'unix', 'stream')
      case 'socket': case 'pair': {
        const family = familyNames.get(question.kind === 'pair' ? 1 : question.family)
        const type = typeNames.get(question.type & 0xf)
        return family !== undefined && type !== undefined && may('network', family, type)
      }
      case 'call': {
        const row = specialCalls.get(question.name)
        if (row?.kind === 'namespace') return may('userns')
        const capability = row?.capability ?? null
        return capability === null || mayCap(capability)
      }
      case 'outside': switch (question.what) {
        case 'signal': return may('signal', 'send', 'term', 'unconfined')
        case 'abstract-socket': return may('network', 'unix', 'stream')
        case 'ipc': return true
      }
    }
  }
}
const familyNames: ReadonlyMap<number, string> = new Map([
  [1, 'unix'], [2, 'inet'], [10, 'inet6'], [16, 'netlink'], [17, 'packet'], [38, 'alg'], [40, 'vsock'],
])
const typeNames: ReadonlyMap<number, string> = new Map([[1, 'stream'], [2, 'dgram'], [3, 'raw'], [5, 'seqpacket']])

const unsaidOf = (plain: Plain): Unsaid[] => {
  const { families: { tcp, unix }, nodes } = plain
  return [
    ...(tcp ? [
      wider('ports', 'allow: connect', 'AppArmor judges no ports and no hosts', isKind('connect', 'listen', 'host')),
      wider('protocols', 'allow: connect', 'sockets of the type stream have every protocol, SCTP too',
        (question) => question.kind === 'socket' && (question.type & 0xf) === 1),
    ] : []),
    ...(unix ? [
      wider('unix-sockets', 'allow: connect', 'paths of UNIX sockets are not judged by Linux 6.12', isKind('unix')),
      wider('abstract-sockets', 'allow: connect', 'abstract UNIX sockets outside may be connected to',
        (question) => question.kind === 'outside' && question.what === 'abstract-socket'),
    ] : []),
    ...(unix ? [] : [narrower('pairs', 'allow: connect',
      'AppArmor has one rule for sockets and for pairs of them: without `unix` no pair can be made',
      (question) => question.kind === 'pair')]),
    wider('ipc', 'allow', 'queues and segments of System V are not restricted',
      (question) => question.kind === 'outside' && question.what === 'ipc'),
    wider('io-uring', 'allow', 'io_uring may be used', (question) => question.kind === 'call' &&
      specialCalls.get(question.name)?.kind === 'absent'),
    ...nodes.filter(({ rights }) => rights.write && !rights.read).map(({ path, host }) => narrower(
      'move', 'allow: write',
      `AppArmor lets nobody rename what may not be read, so nothing below \`${path}\` may be moved`,
      (question) => question.kind === 'path' && question.right === 'move' && isBeneath(question.host, host))),
    ...nodes.filter(({ rights }) => rights.write).map(({ path, host }) => wider('entries', 'allow: write',
      `\`${path}\` itself may be made and removed, as what lies below it`,
      (question) => question.kind === 'path' && question.host === host)),
    ...movedItems(plain, 'AppArmor'), ...lostParts(plain, 'AppArmor'),
  ]
}

const WRITE = 2
const READ = 4
const EXECUTE = 1

/** The directory of a pattern that is a hierarchy; null for one that is not. */
const hierarchyOf = (name: string): string | null => {
  const path = /^(.*?)(?:\{,\/,\/\*\*\}|\{,\*\*\}|\/\*\*|\*\*)?$/.exec(name)?.[1] ?? ''
  if (/(?<!\\)[*?[\]{}]/.test(path)) return null
  const plain = path.replace(/\\(.)/g, '$1')
  return plain === '/' ? '/' : plain.replace(/\/$/, '') || '/'
}

const takenOf = ({ profiles }: CompileResult): { policy: Policy; leftOut: LeftOut[] } => {
  const [first, ...others] = profiles
  if (first === undefined) throw badFile('apparmor', 'the file has no profile')
  const leftOut: LeftOut[] = others.map(({ source }) => ({ place: source.name, text: 'a policy is of one profile' }))
  const lists = { read: [] as string[], write: [] as string[], exec: [] as string[] }
  const add = (list: string[], path: string): void => void (list.includes(path) || list.push(path))
  for (const { name, perms, mode, place } of first.source.files) {
    const [path, line] = [hierarchyOf(name), `line ${place.line}`]
    const bits = perms >>> 14 & 0x7f
    if (path === null) leftOut.push({ place: line, text: `\`${name}\` is a pattern; a policy names directories` })
    else if (mode !== null && mode !== 'allow') {
      leftOut.push({ place: line, path, text: `\`${name}\` is denied, which a policy cannot say` })
    } else if (bits === 0) leftOut.push({ place: line, text: `\`${name}\` is for the owner alone` })
    else {
      if ((bits & EXECUTE) !== 0) add(lists.exec, path)
      else if ((bits & READ) !== 0) add(lists.read, path)
      if ((bits & WRITE) !== 0) add(lists.write, path)
      if ((bits & (WRITE | READ)) === WRITE) {
        leftOut.push({ place: line, path, text: `nothing below \`${path}\` can be moved without \`r\`` })
      }
    }
  }
  const unix: boolean[] = []
  for (const rule of first.source.rules) {
    const line = `line ${rule.place.line}`
    if (rule.kind === 'network' && rule.families.has(1)) unix.push(true)
    if (rule.kind === 'network' && (rule.families.has(2) || rule.families.has(10))) {
      leftOut.push({ place: line, text: 'ports and hosts are not named: add `connect`, `listen` or `hosts`' })
    }
    if (!['network', 'signal', 'ptrace'].includes(rule.kind)) {
      leftOut.push({ place: line, text: `a policy has no place for rules of ${rule.kind}` })
    }
  }
  for (const { name, place } of first.source.capabilityRules) {
    leftOut.push({ place: `line ${place.line}`, text: `a box has no capability \`${name ?? 'any'}\`` })
  }
  const allow = Object.fromEntries(Object.entries({
    ...lists, connect: unix.length > 0 ? ['unix'] : [],
  }).filter(([, list]) => list.length > 0))
  return { policy: { version: 1, allow }, leftOut }
}

export const apparmor: Format = {
  title: 'profile of AppArmor',
  file: PROFILE,
  write: (plain) => ({ text: textOf(plain) }),
  unsaid: unsaidOf,
  answers: ({ text }: Written) => answersOf(compiled(text)),
  take: ({ text }: Written) => takenOf(compiled(text)),
}
