/** Arguments of bwrap (bwrap(1), 0.11 and later), one option a line, with the filter of system calls as a file. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { runFilter } from '@lsmkit/kernel'
import type { SockFilter } from '@lsmkit/kernel'
import { badFile } from '../emit-error.ts'
import { reachesUnix, socketAllowed } from '../decision.ts'
import type { Format, LeftOut, Written } from '../format.ts'
import type { Plain } from '../plain.ts'
import type { Answers } from '../question.ts'
import { compileProfile } from '../seccomp/compile.ts'
import { isAllowed, seccompData } from '../seccomp/data.ts'
import { filterBytes, filterOf } from '../seccomp/filter-bytes.ts'
import { profileOf } from '../seccomp/from-policy.ts'
import { readProfile } from '../seccomp/profile.ts'
import { lostParts } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { rightsInView, viewAnswers, viewsOf } from '../view.ts'
import type { View } from '../view.ts'
import { hostCalls, socketsTaken } from './docker.ts'
import { shellWord, shellWords } from './shell-words.ts'
import { userNumber } from './user.ts'
import { emptyItems, networkItems, networkOf, noExecItems, unixItems, writeOnlyItems } from './view-items.ts'
import { takenViews } from './taken-views.ts'

const FILTER = 'filter.bpf'
/** The descriptor that the filter is given by. */
const FILTER_FD = '3'

const mountOptions = ({ kind, target, source, readOnly }: View): string[][] => {
  switch (kind) {
    case 'bind': return [[readOnly ? '--ro-bind' : '--bind', source!, target]]
    case 'overlay': return [['--overlay-src', source!], ['--tmp-overlay', target]]
    case 'tmpfs': return [['--tmpfs', target], ...(readOnly ? [['--remount-ro', target]] : [])]
    case 'hidden': return [['--tmpfs', target], ['--remount-ro', target]]
  }
}

const optionsOf = (plain: Plain): string[][] => {
  const { policy } = plain
  const user = userNumber(policy.user)
  const views = viewsOf(plain)
  return [
    ['--unshare-user'], ['--unshare-ipc'], ['--unshare-pid'], ['--unshare-uts'], ['--unshare-cgroup-try'],
    ...(networkOf(plain) === 'shared' ? [] : [['--unshare-net']]),
    ['--disable-userns'], ['--die-with-parent'], ['--new-session'], ['--cap-drop', 'ALL'], ['--clearenv'],
    ...Object.entries(policy.env ?? {}).map(([name, value]) => ['--setenv', name, value]),
    ...(user === null ? [] : [['--uid', String(user)], ['--gid', String(user)]]),
    ...views.flatMap(mountOptions),
    ...(views.some(({ target }) => target === '/') ? [] : [['--remount-ro', '/']]),
    ['--seccomp', FILTER_FD],
  ]
}

/** How many words come with each option. */
const arity: ReadonlyMap<string, number> = new Map([
  ['--unshare-user', 0], ['--unshare-ipc', 0], ['--unshare-pid', 0], ['--unshare-uts', 0], ['--unshare-net', 0],
  ['--unshare-cgroup', 0], ['--unshare-cgroup-try', 0], ['--unshare-user-try', 0], ['--unshare-all', 0],
  ['--share-net', 0], ['--disable-userns', 0], ['--assert-userns-disabled', 0], ['--die-with-parent', 0],
  ['--new-session', 0], ['--as-pid-1', 0], ['--clearenv', 0], ['--cap-drop', 1], ['--cap-add', 1], ['--setenv', 2],
  ['--unsetenv', 1], ['--uid', 1], ['--gid', 1], ['--hostname', 1], ['--chdir', 1], ['--bind', 2], ['--bind-try', 2],
  ['--ro-bind', 2], ['--ro-bind-try', 2], ['--dev-bind', 2], ['--dev-bind-try', 2], ['--remount-ro', 1],
  ['--overlay-src', 1], ['--tmp-overlay', 1], ['--ro-overlay', 1], ['--overlay', 3], ['--tmpfs', 1], ['--proc', 1],
  ['--dev', 1], ['--mqueue', 1], ['--dir', 1], ['--symlink', 2], ['--seccomp', 1], ['--add-seccomp-fd', 1],
  ['--perms', 1], ['--size', 1], ['--chmod', 2], ['--argv0', 1], ['--exec-label', 1], ['--file-label', 1],
])

interface Option {
  readonly name: string
  readonly words: readonly string[]
}

/** Up to `--`, or the first word that is no option: the command. */
const optionsIn = (text: string): Option[] => {
  const words = shellWords(text, 'bwrap')
  if (words[0] !== undefined && /(?:^|\/)bwrap$/.test(words[0])) words.shift()
  const options: Option[] = []
  for (let at = 0; at < words.length && words[at] !== '--';) {
    const name = words[at]!
    if (!name.startsWith('--')) break
    const count = arity.get(name)
    if (count === undefined) throw badFile('bwrap', `the option \`${name}\` is not known here`)
    if (at + count >= words.length) throw badFile('bwrap', `\`${name}\` takes ${count} more`)
    options.push({ name, words: words.slice(at + 1, at + 1 + count) })
    at += 1 + count
  }
  return options
}

interface Bwrap {
  readonly views: readonly View[]
  readonly has: (name: string) => boolean
  readonly env: Readonly<Record<string, string>>
  readonly uid: number | null
  readonly filter: readonly SockFilter[] | null
}

const viewsIn = (options: readonly Option[]): View[] => {
  const views: View[] = []
  const add = (kind: View['kind'], target: string, source: string | null, readOnly: boolean): void =>
    void views.push({ kind, target, source, readOnly, noExec: false })
  let lower: string | null = null
  for (const { name, words: [a = '', b = ''] } of options) {
    switch (name.replace(/-try$/, '')) {
      case '--bind': case '--dev-bind': add('bind', b, a, false); break
      case '--ro-bind': add('bind', b, a, true); break
      case '--tmpfs': case '--dev': case '--mqueue': add('tmpfs', a, null, false); break
      case '--proc': add('bind', a, '/proc', false); break
      case '--overlay-src': lower = a; break
      case '--tmp-overlay': add('overlay', a, lower, false); break
      case '--ro-overlay': add('bind', a, lower, true); break
      case '--remount-ro': {
        const at = views.findLastIndex(({ target }) => target === a)
        if (at < 0) break
        const view = views[at]!
        // an empty folder that nobody may write hides what lies below
        views[at] = { ...view, readOnly: true, kind: view.kind === 'tmpfs' ? 'hidden' : view.kind }
      }
    }
  }
  return views
}

const bwrapOf = ({ text, files = [] }: Written): Bwrap => {
  const options = optionsIn(text)
  const names = new Set(options.map(({ name }) => name))
  const unshares = ['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-net']
  const has = (name: string): boolean => names.has(name) ||
    (names.has('--unshare-all') && unshares.includes(name) && !(name === '--unshare-net' && names.has('--share-net')))
  const bytes = files.find(({ name }) => name === FILTER)?.contents
  const uid = options.find(({ name }) => name === '--uid')?.words[0]
  return {
    views: viewsIn(options), has, uid: uid === undefined ? null : Number(uid),
    env: Object.fromEntries(options.filter(({ name }) => name === '--setenv').map(({ words }) => words.slice(0, 2))),
    filter: typeof bytes === 'object' ? filterOf(bytes) : null,
  }
}

const answersOf = ({ views, has, filter }: Bwrap): Answers => {
  const paths = viewAnswers(views)
  const sockets: Answers = (question) => filter === null ||
    ((question.kind === 'socket' || question.kind === 'pair') && socketAllowed(filter, question))
  const makesInet = sockets({ kind: 'socket', family: AF_INET, type: 1, protocol: 0 })
  const usesUnix = reachesUnix(sockets)
  return (question) => {
    switch (question.kind) {
      case 'path': return paths(question)
      case 'connect': case 'listen': return makesInet
      case 'host': return !has('--unshare-net') && makesInet
      case 'unix': return usesUnix && rightsInView(views, question.path).read
      case 'socket': case 'pair': return sockets(question)
      case 'call': return filter === null || isAllowed(runFilter(filter, seccompData(question.name)))
      case 'outside': switch (question.what) {
        case 'signal': return !has('--unshare-pid')
        case 'ipc': return !has('--unshare-ipc')
        case 'abstract-socket': return !has('--unshare-net') && usesUnix
      }
    }
  }
}
const AF_INET = 2

const unsaidOf = (plain: Plain): Unsaid[] => [
  ...writeOnlyItems(plain), ...noExecItems(plain, 'bwrap'), ...emptyItems(plain), ...networkItems(plain, 'bwrap'),
  ...unixItems(plain, 'bwrap'), hostCalls(),
  ...lostParts(plain, 'bwrap', ['env', ...(userNumber(plain.policy.user) === null ? [] : ['user'])]),
]

const takenOf = ({ views, has, env, uid, filter }: Bwrap): { policy: Policy; leftOut: LeftOut[] } => {
  const { policy, leftOut } = takenViews(views)
  const answers = answersOf({ views, has, env, uid, filter })
  const sockets = filter === null ? null : socketsTaken(answers)
  if (!has('--unshare-net')) {
    leftOut.push({ place: '--share-net', text: 'the network is shared: name hosts in `hosts`' })
  }
  if (filter === null) {
    leftOut.push({ place: '--seccomp', text: 'no filter was given: families of sockets are not known' })
  }
  return {
    policy: {
      ...policy, allow: { ...policy.allow, ...sockets?.allow },
      ...(Object.keys(env).length === 0 ? {} : { env }), ...(uid === null ? {} : { user: uid }),
    },
    leftOut: [...leftOut, ...sockets?.leftOut ?? []],
  }
}

export const bubblewrap: Format = {
  title: 'arguments of bwrap',
  file: 'bwrap.args',
  write: (plain) => ({
    text: `${optionsOf(plain).map((words) => words.map(shellWord).join(' ')).join('\n')}\n`,
    files: [{ name: FILTER, contents: filterBytes(compileProfile(readProfile(profileOf(plain)))) }],
  }),
  unsaid: unsaidOf,
  answers: (written) => answersOf(bwrapOf(written)),
  take: (written) => takenOf(bwrapOf(written)),
}
