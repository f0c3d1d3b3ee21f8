/**
 * A part of `config.json` of OCI's runtime specification (config.md, config-linux.md): the tree, capabilities, limits,
 * namespaces and the seccomp profile. It is merged over a bundle's own; `root` is an empty folder.
 */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { limitNumbers } from '@lsmkit/sandbox/policy-parts'
import { specialCalls } from '../calls.ts'
import { reachesUnix } from '../decision.ts'
import { badFile } from '../emit-error.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import type { Plain } from '../plain.ts'
import { isBeneath } from '../question.ts'
import type { Answers, Question } from '../question.ts'
import { profileAnswers } from '../seccomp/answers.ts'
import { profileOf } from '../seccomp/from-policy.ts'
import { readProfile } from '../seccomp/profile.ts'
import type { Profile } from '../seccomp/profile.ts'
import { lostParts, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { rightsInView, viewAnswers, viewsOf } from '../view.ts'
import type { View } from '../view.ts'
import { hostCalls, socketsTaken } from './docker.ts'
import { listIn, objectIn, parseJson } from './json.ts'
import type { Json } from './json.ts'
import { takenViews } from './taken-views.ts'
import { userNumber } from './user.ts'
import { emptyItems, networkItems, networkOf, unixItems, writeOnlyItems } from './view-items.ts'

interface Mount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

const optionsOf = ({ readOnly, noExec }: View): string[] =>
  [readOnly ? 'ro' : 'rw', 'nosuid', 'nodev', ...(noExec ? ['noexec'] : [])]

const mountOf = (view: View): Mount => {
  const options = optionsOf(view)
  const { kind, target: destination, source } = view
  if (kind === 'bind') return { destination, type: 'bind', source: source!, options: ['rbind', ...options] }
  // a layer for changes needs folders of the host: without, nothing may be written
  if (kind === 'overlay') {
    return { destination, type: 'bind', source: source!, options: ['rbind', ...optionsOf({ ...view, readOnly: true })] }
  }
  return { destination, type: 'tmpfs', source: 'tmpfs', options }
}

const PROC = '/proc'
/** Runtimes work with the container's own /proc before they start its program. */
const proc: Mount = { destination: PROC, type: 'proc', source: 'proc', options: ['ro', 'nosuid', 'nodev', 'noexec'] }
/** Files of it that are about the machine. */
const maskedPaths = [
  'acpi', 'asound', 'interrupts', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi', 'timer_list',
].map((name) => `${PROC}/${name}`)

const hasOwnProc = (plain: Plain): boolean => viewsOf(plain).every(({ target }) => target !== PROC)

/** It lies upon the root, and not beneath it. */
const mountsOf = (plain: Plain): readonly Mount[] => {
  const mounts = viewsOf(plain).map(mountOf)
  if (!hasOwnProc(plain)) return mounts
  const isRoot = ({ destination }: Mount): boolean => destination === '/'
  return [...mounts.filter(isRoot), proc, ...mounts.filter((mount) => !isRoot(mount))]
}

const NONE: readonly string[] = []
const namespaces = (plain: Plain): object[] => [
  'pid', 'ipc', 'uts', 'mount', 'cgroup', ...(networkOf(plain) === 'shared' ? [] : ['network']),
].map((type) => ({ type }))

const limitsOf = (plain: Plain): { rlimits: object[]; resources: object } => {
  const { memory, processes, descriptors } = limitNumbers(plain.policy.limits ?? {})
  return {
    rlimits: Number.isFinite(descriptors) ? [{ type: 'RLIMIT_NOFILE', hard: descriptors, soft: descriptors }] : [],
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      ...(Number.isFinite(memory) ? { memory: { limit: Math.ceil(memory) } } : {}),
      ...(Number.isFinite(processes) ? { pids: { limit: processes } } : {}),
    },
  }
}

const configOf = (plain: Plain): object => {
  const user = userNumber(plain.policy.user)
  const { rlimits, resources } = limitsOf(plain)
  return {
    ociVersion: '1.2.0',
    root: { path: 'rootfs', readonly: true },
    process: {
      ...(user === null ? {} : { user: { uid: user, gid: user } }),
      env: Object.entries(plain.policy.env ?? {}).map(([name, value]) => `${name}=${value}`),
      capabilities: { bounding: NONE, effective: NONE, inheritable: NONE, permitted: NONE, ambient: NONE },
      rlimits, noNewPrivileges: true,
    },
    mounts: mountsOf(plain),
    linux: { namespaces: namespaces(plain), resources, maskedPaths, seccomp: profileOf(plain) },
  }
}

interface Container {
  readonly views: readonly View[]
  /** The container's own /proc, with what is masked in it. */
  readonly own: readonly View[]
  readonly kinds: ReadonlySet<string>
  readonly caps: ReadonlySet<string>
  readonly seccomp: Profile | null
  readonly policy: Pick<Policy, 'env' | 'limits' | 'user'>
}

const isProc = (value: unknown): boolean => objectIn(value)['type'] === 'proc'

const masks = (paths: unknown): View[] => listIn(paths).map((path) =>
  ({ kind: 'hidden', target: String(path), source: null, readOnly: true, noExec: true }))

const viewIn = (value: unknown, at: number): View => {
  const { destination, type, source, options } = objectIn(value)
  if (typeof destination !== 'string' || !destination.startsWith('/')) {
    throw badFile(`mounts[${at}].destination`, 'a path from the root is expected')
  }
  const words = listIn(options).map(String)
  const [readOnly, noExec] = [words.includes('ro'), words.includes('noexec')]
  const isBind = type === 'bind' || type === 'proc' || words.includes('bind') || words.includes('rbind')
  const kind = isBind ? 'bind' : readOnly ? 'hidden' : 'tmpfs'
  return { kind, target: destination, source: isBind ? String(source) : null, readOnly, noExec }
}

const policyIn = (process: Json, resources: Json): Container['policy'] => {
  const [memory, pids] = [objectIn(resources['memory'])['limit'], objectIn(resources['pids'])['limit']]
  const files = listIn(process['rlimits']).map(objectIn).find(({ type }) => type === 'RLIMIT_NOFILE')?.['hard']
  const limits = {
    ...(typeof memory === 'number' ? { memory } : {}), ...(typeof pids === 'number' ? { processes: pids } : {}),
    ...(typeof files === 'number' ? { descriptors: files } : {}),
  }
  const env = Object.fromEntries(listIn(process['env']).map((one) => {
    const [name = '', ...rest] = String(one).split('=')
    return [name, rest.join('=')]
  }))
  const uid = objectIn(process['user'])['uid']
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }), ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(typeof uid === 'number' ? { user: uid } : {}),
  }
}

const containerOf = ({ text }: Written): Container => {
  const whole = objectIn(parseJson(text, 'config.json'))
  const [process, linux] = [objectIn(whole['process']), objectIn(whole['linux'])]
  const { seccomp } = linux
  const mounts = listIn(whole['mounts'])
  return {
    views: mounts.filter((mount) => !isProc(mount)).map(viewIn),
    own: [...mounts.filter(isProc).map(viewIn), ...masks(linux['maskedPaths'])],
    kinds: new Set(listIn(linux['namespaces']).map((one) => String(objectIn(one)['type']))),
    caps: new Set(listIn(objectIn(process['capabilities'])['bounding']).map(String)),
    seccomp: seccomp === undefined ? null : readProfile(seccomp, 'linux.seccomp'),
    policy: policyIn(process, objectIn(linux['resources'])),
  }
}

const allowsAll: Answers = () => true

const answersOf = ({ views, own, kinds, caps, seccomp }: Container): Answers => {
  const paths = viewAnswers([...views, ...own])
  const calls = seccomp === null ? allowsAll : profileAnswers(seccomp, { caps: [...caps] })
  const makes = (family: number): boolean => calls({ kind: 'socket', family, type: 1, protocol: 0 })
  return (question) => {
    switch (question.kind) {
      case 'path': return paths(question)
      case 'unix': return reachesUnix(calls) && rightsInView(views, question.path).read
      case 'connect': case 'listen': return makes(2)
      case 'host': return makes(2) && !kinds.has('network')
      case 'socket': case 'pair': return calls(question)
      case 'call': {
        const capability = specialCalls.get(question.name)?.capability ?? null
        return calls(question) && (capability === null || caps.has(capability))
      }
      case 'outside': switch (question.what) {
        case 'signal': return !kinds.has('pid')
        case 'ipc': return !kinds.has('ipc')
        case 'abstract-socket': return !kinds.has('network') && reachesUnix(calls)
      }
    }
  }
}

const copyItems = (plain: Plain): Unsaid[] => viewsOf(plain).filter(({ kind }) => kind === 'overlay')
  .map(({ target }) => narrower('copy-on-write', `mounts: ${target}`,
    `a layer for changes needs folders of the host: nothing may be written below \`${target}\``,
    (question) => question.kind === 'path'))

const procItems = (plain: Plain): Unsaid[] => {
  if (!hasOwnProc(plain)) return []
  const { read, write, execute } = rightsInView(viewsOf(plain), PROC)
  const isThere = (question: Question): boolean => question.kind === 'path' && isBeneath(question.path, PROC)
  return [
    ...(read ? [] : [wider('proc', 'allow: read', 'runtimes need /proc: that of the container may be read',
      (question) => isThere(question) && 'right' in question && ['read', 'list'].includes(question.right))]),
    ...(read || write || execute ? [narrower('proc', 'allow: write',
      '/proc is the container\'s own: nothing of it is written or executed, and parts are masked', isThere)] : []),
  ]
}

const unsaidOf = (plain: Plain): Unsaid[] => [
  ...procItems(plain),
  ...writeOnlyItems(plain), ...emptyItems(plain), ...copyItems(plain), ...networkItems(plain, 'the runtime'),
  ...unixItems(plain, 'the runtime'), hostCalls(),
  ...lostParts(plain, 'config.json', [
    'env', 'limits.memory', 'limits.processes', 'limits.descriptors',
    ...(userNumber(plain.policy.user) === null ? [] : ['user']),
  ]),
]

const takenOf = (container: Container): { policy: Policy; leftOut: LeftOut[] } => {
  const { policy, leftOut } = takenViews(container.views)
  const { allow, leftOut: sockets } = socketsTaken(answersOf(container))
  const caps = [...container.caps]
    .map((cap) => ({ place: 'process.capabilities', text: `a box has no capability \`${cap}\`` }))
  const own = container.own.length === 0 ? []
    : [{ place: 'mounts', path: PROC, text: 'a box has its own /proc, so that of the container is left out' }]
  const network = container.kinds.has('network') ? []
    : [{ place: 'linux.namespaces', text: 'the network is the host\'s: name hosts in `hosts`' }]
  return {
    policy: { ...policy, ...container.policy, allow: { ...policy.allow, ...allow } },
    leftOut: [...leftOut, ...own, ...sockets, ...caps, ...network],
  }
}

export const oci: Format = {
  title: 'part of config.json of OCI',
  file: 'config.json',
  write: (plain) => ({ text: `${JSON.stringify(configOf(plain), null, 2)}\n` }),
  unsaid: unsaidOf,
  answers: (written) => answersOf(containerOf(written)),
  take: (written) => takenOf(containerOf(written)),
}
