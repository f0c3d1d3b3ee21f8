/** Questions about a policy: at, above, below and beside each place that the policy or the wall names. */
import { checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { specialCalls } from './calls.ts'
import { hostPathOf } from './plain.ts'
import type { Plain } from './plain.ts'
import { entryRights, pathRights } from './question.ts'
import type { Question } from './question.ts'

const MOST = 12_000

/** Ordinary calls among the special ones. */
const ordinaryCalls = ['read', 'openat', 'execve', 'futex', 'mmap', 'clock_gettime', 'kill', 'ptrace', 'clone']

const around = (path: string): string[] => {
  const base = path === '/' ? '' : path
  const above = path.slice(0, path.lastIndexOf('/')) || '/'
  return [path, `${base}/a`, `${base}/a/b c`, `${base}/.bashrc`, `${base}/.git/hooks/x`,
    ...(path === '/' ? [] : [`${path}x`, `${path}-1/a`]),
    above, `${above === '/' ? '' : above}/other`]
}

/** A generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const deeper = (paths: readonly string[], random: () => number, count: number): string[] => {
  const names = ['a', 'b', 'src', 'lib', 'etc', 'x.txt', 'node_modules', '..data']
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  return Array.from({ length: count }, () => {
    const base = pick(paths)
    const tail = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(names)).join('/')
    return `${base === '/' ? '' : base}/${tail}`
  })
}

const pathQuestions = (plain: Plain, random: () => number, count: number): Question[] => {
  const { rules, mounts } = plain
  // acts on the names of the policy themselves are left out: they are mounts, which nobody moves or removes
  const named = new Set([...rules.map(({ path }) => path), ...mounts.map(({ target }) => target)])
  const bases = [...named, '/', '/etc', '/home/user', '/tmp/claude', '/proc/self', '/dev',
    ...mounts.flatMap(({ place }) =>
      (place.kind === 'host-folder' ? [place.path] : []))]
  const fixed = [...new Set(bases.flatMap(around))]
  const paths = [...new Set([...fixed, ...deeper(fixed, random, Math.ceil(count / pathRights.length) - fixed.length)])]
  const isName = (path: string): boolean =>
    path === '/' || [...named].some((name) => name === path || name.startsWith(`${path}/`))
  return paths.flatMap((path) => {
    const host = hostPathOf(mounts, path)
    return [
      ...pathRights.filter((right) => !entryRights.has(right) || !isName(path))
        .map((right): Question => ({ kind: 'path', right, path, host })),
      { kind: 'unix', path, host },
    ]
  })
}

const portQuestions = ({ connect, listen, hosts }: Plain): Question[] => {
  const ports = new Set([...connect, ...listen, ...hosts.ports].flatMap((port) => [port - 1, port, port + 1]))
  const all = [...ports, 0, 1, 22, 53, 80, 443, 8080, 65535].filter((port) => port >= 0 && port <= 65535)
  return [...new Set(all)].flatMap((port) => (['connect', 'listen'] as const).map((kind) => ({ kind, port })))
}

const hostQuestions = ({ hosts }: Plain): Question[] => {
  const names = hosts.rules.flatMap(({ host }) =>
    (host === '' ? [] : [host, `sub.${host}`, `a.b.${host}`, `x${host}`, `${host}.evil.test`]))
  const all = [...names, 'example.com', 'evil.test', '127.0.0.1', '93.184.216.34', '2606:2800::1']
    .filter((name) => !/^(?:sub|a\.b)\.[\d.:a-f]+$/.test(name) && !/^x?[\d.]+(?:\.evil\.test)?$/.test(name) ||
      /^[\d.]+$/.test(name))
  const ports = [...new Set([...hosts.ports.flatMap((port) => [port, port + 1]), 80, 443])]
    .filter((port) => port <= 65535)
  return [...new Set(all)].flatMap((host) => ports.map((port): Question => ({ kind: 'host', host, port })))
}

const socketQuestions = (): Question[] => [0, 1, 2, 10, 16, 17, 38, 40].flatMap((family) =>
  [1, 2, 3, 5, 1 | 0x80000, 2 | 0x800].flatMap((type) =>
    [0, 1, 6, 17, 132].map((protocol): Question => ({ kind: 'socket', family, type, protocol }))))

const pairQuestions = (): Question[] =>
  [1, 2, 3, 5, 1 | 0x80000, 2 | 0x800].map((type) => ({ kind: 'pair', type }))

const callQuestions = (): Question[] =>
  [...specialCalls.keys(), ...ordinaryCalls].map((name) => ({ kind: 'call', name }))

const outsideQuestions: readonly Question[] = [
  { kind: 'outside', what: 'signal' }, { kind: 'outside', what: 'abstract-socket' }, { kind: 'outside', what: 'ipc' },
]

/** At least `count` questions, the same for the same seed; those of fixed places come first. */
export const questionsOf = (plain: Plain, options: QuestionOptions = {}): Question[] => {
  checkOptions(options, questionRules, 'questions')
  const { count = MOST, seed = 1 } = options
  const others = [
    ...portQuestions(plain), ...hostQuestions(plain), ...socketQuestions(), ...pairQuestions(), ...callQuestions(),
    ...outsideQuestions,
  ]
  return [...others, ...pathQuestions(plain, generator(seed), count - others.length)]
}

export interface QuestionOptions {
  /** Default 12,000; there are more where a policy has many places. */
  readonly count?: number
  readonly seed?: number
}
const questionRules: OptionRules<QuestionOptions> = { count: wholeNumber(0, 1e6), seed: wholeNumber(0, 0xffffffff) }
