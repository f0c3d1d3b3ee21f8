/** Questions that a program can put to a wall of a real kernel, as lines: an act, a tab, and what it is done to. */
import { syscallByName } from '@lsmkit/abi/syscall-name'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { plainOf } from '../plain.ts'
import { pathRights } from '../question.ts'
import type { PathRight, Question } from '../question.ts'
import { questionsOf } from '../questions.ts'

/** Everything is below it: a script makes it, and takes it away. */
export const WALL_ROOT = '/tmp/lsmkit-walls'

export const wallPolicy: Policy = {
  allow: {
    read: [`${WALL_ROOT}/data`], write: [`${WALL_ROOT}/out`, `${WALL_ROOT}/data/in`], exec: [`${WALL_ROOT}/bin`],
    connect: [18080], listen: [18081],
  },
}
export const wallFolders = ['data/in', 'out', 'bin', 'other']

/** Where zero asks for nothing: CLONE_NEWUSER, and a level. */
const firstArguments: ReadonlyMap<string, number> = new Map([['unshare', 0x10000000], ['iopl', 3]])

/** With zeros for arguments it would go on as two, or wait. */
const LEFT_OUT: ReadonlySet<string> = new Set(['clone', 'read', 'vhangup'])

/** Of those there are already: no file can be made there. */
const isFolder = (path: string): boolean =>
  wallFolders.some((folder) => `${WALL_ROOT}/${folder}/`.startsWith(`${path}/`)) || path === `${WALL_ROOT}/bin/probe`

const lineOf = (question: Question): string | null => {
  switch (question.kind) {
    case 'path': {
      const { right, path } = question
      const isAsked = path.startsWith(`${WALL_ROOT}/`) && (right === 'list' || !isFolder(path))
      return isAsked ? `${right}\t${path}` : null
    }
    case 'connect': case 'listen': return question.port >= 1024 ? `${question.kind}\t${question.port}` : null
    case 'socket': return `socket\t${question.family} ${question.type} ${question.protocol}`
    case 'pair': return `pair\t1 ${question.type}`
    case 'call': {
      const { name } = question
      return LEFT_OUT.has(name) ? null : `call\t${syscallByName(name)} ${name} ${firstArguments.get(name) ?? 0}`
    }
    default: return null
  }
}

/** Lines in the order in which they are asked, each once. */
export const wallLines = (): string[] => [...new Set(
  questionsOf(plainOf({ allow: { ...wallPolicy.allow, read: [...wallPolicy.allow!.read!, `${WALL_ROOT}/other`] } }),
    { count: 1_500 }).map(lineOf).filter((line) => line !== null))]

const isRight = (act: string): act is PathRight => (pathRights as readonly string[]).includes(act)

/** The question of a line. */
export const wallQuestion = (line: string): Question => {
  const [act = '', arg = ''] = line.split('\t')
  if (isRight(act)) return { kind: 'path', right: act, path: arg, host: arg }
  const [family = 0, type = 0, protocol = 0] = arg.split(' ').map(Number)
  if (act === 'socket') return { kind: 'socket', family, type, protocol }
  if (act === 'pair') return { kind: 'pair', type }
  return act === 'call' ? { kind: 'call', name: arg.split(' ')[1]! }
    : { kind: act as 'connect' | 'listen', port: Number(arg) }
}

const REFUSALS: ReadonlySet<number> = new Set([1, 2, 13, 18, 30, 38])
/** EINVAL, EAFNOSUPPORT and their like: the kernel has no such socket, whoever asks. */
const ABSENT: ReadonlySet<number> = new Set([22, 93, 94, 95, 97])

/** `1` was done, `0` was refused, `-` says nothing. */
export const wallAnswer = (line: string, errno: number): '0' | '1' | '-' => {
  if (/^(?:socket|pair)/.test(line) && ABSENT.has(errno)) return '-'
  // a call that gets as far as its arguments was let pass; one without a privilege is refused by the kernel too
  if (line.startsWith('call')) return errno === 1 || errno === 38 ? '0' : errno === 0 ? '1' : '-'
  return REFUSALS.has(errno) ? '0' : '1'
}

/** Acts that a process without privilege is refused where the wall does not judge them. */
const isRefusedAnyway = (wall: string, line: string): boolean =>
  (line.startsWith('call') && (wall === 'landlockconfig' || wall === 'apparmor')) ||
  (line.startsWith('socket') && (wall === 'landlockconfig' || wall === 'systemd')) ||
  (line.startsWith('make-device') && wall === 'docker')

/** Debian's systemd has no BPF_FRAMEWORK: every port may be listened on there. */
const isUnheld = (wall: string, line: string): boolean => wall === 'systemd' && line.startsWith('listen')

/** Whether an answer says nothing about the wall. */
export const isUndecided = (wall: string, line: string, answer: string): boolean =>
  answer === '-' || (answer === '0' && isRefusedAnyway(wall, line)) || (answer === '1' && isUnheld(wall, line))
