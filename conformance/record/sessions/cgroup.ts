/** Random operations on control groups. They are played meanwhile, so that no dead or frozen actor is asked. */
import { ownValue } from '@lsmkit/abi'
import { cgroupSessions, isReady } from '../../src/sessions/cgroup.ts'
import { SessionPlayer } from '../../src/sessions/player.ts'
import { randomFrom } from './random.ts'

const GROUPS = ['.', 'a', 'a', 'b', 'a/b', 'a/b', 'a/c', 'a/b/d', 'a/b/d/e']
const FILES: Readonly<Record<string, readonly string[]>> = {
  'cgroup.procs': ['@0', '@1', '@1', '@2', '@2', '@3', '@4', '0', '@1t', '-1', 'x', '99999', '_@1$'],
  'cgroup.threads': ['@1', '@1t', '@2t', '@2', '0', '@3t', 'x'],
  'cgroup.subtree_control': ['+pids', '+pids', '+pids', '-pids', '+pids_-pids', 'pids', '+none', '$'],
  'cgroup.type': ['threaded', 'threaded', 'domain', 'threaded$'],
  'cgroup.max.depth': ['0', '1', '2', 'max', '-1', 'x', '0x1'],
  'cgroup.max.descendants': ['0', '1', '3', 'max', '-1', '99999999999'],
  'cgroup.freeze': ['1', '0', '1', '0', '2', 'x'],
  'cgroup.kill': ['1', '0', 'x'],
  'pids.max': ['0', '1', '2', '3', 'max', '-1', '4194304', '4194305', '_2$', '010'],
}
const READS = [
  'cgroup.procs', 'cgroup.procs', 'cgroup.threads', 'cgroup.events', 'cgroup.type', 'cgroup.subtree_control',
  'cgroup.stat', 'cgroup.max.depth', 'cgroup.max.descendants', 'cgroup.freeze', 'pids.max', 'pids.current',
  'pids.peak', 'pids.events', 'pids.events.local', 'cgroup.kill',
]
const NAMES = ['user.x', 'trusted.x', 'security.x', 'system.x']

function* session(number: number, operations: number): Generator<string> {
  const { below: random, pick } = randomFrom(number)
  const player = new SessionPlayer(cgroupSessions)
  /** Whether the number is taken, if only by a zombie. */
  const isTaken = (actor: number): boolean => player.actors.has(actor)
  const exists = (group: string): boolean => !player.play(`0 stat ${group}`).startsWith('E')
  /** Mostly one that is there. */
  const group = (): string => pick(random(8) === 0 ? GROUPS : GROUPS.filter(exists))
  const missing = (): string => pick(GROUPS.filter((name) => !exists(name)).slice(0, 2).concat('a/x'))
  const file = (of: readonly string[]): string => `${group()}/${pick(of)}`
  const free = (): number | undefined => [1, 2, 3, 4].find((n) => !isTaken(n))
  const kinds: readonly (() => string | null)[] = [
    () => `mkdir ${missing()} ${pick(['755', '755', '700', '2755', '777'])}`,
    () => `mkdir ${missing()} 755`,
    () => `mkdir ${missing()} 755`,
    () => `mkdir ${group()} 755`,
    () => `rmdir ${group()}`,
    () => (free() === undefined ? null : `fork ${free()}`),
    () => (free() === undefined ? null : `cfork ${group()} ${free()}`),
    () => (free() === undefined ? null : `nfork ${free()}`),
    ...Array.from({ length: 9 }, () => () => {
      const name = pick(Object.keys(FILES))
      return `write ${group()}/${name} ${pick(ownValue(FILES, name)!)}`
    }),
    ...Array.from({ length: 3 }, () => () => `write ${group()}/cgroup.procs ${pick(FILES['cgroup.procs']!)}`),
    () => `write ${group()}/cgroup.subtree_control +pids`,
    ...Array.from({ length: 6 }, () => () => `read ${file(READS)}`),
    () => 'read /proc/self/cgroup',
    () => 'read /proc/self/cgroup',
    () => `stat ${random(2) === 0 ? group() : file(READS)}`,
    () => `chown ${random(2) === 0 ? group() : file(Object.keys(FILES))} ${pick([0, 1000])}`,
    () => `chmod ${random(2) === 0 ? group() : file(Object.keys(FILES))} ${pick(['644', '666', '777', '0', '755'])}`,
    () => pick([`rename ${group()} ${group()}`, `create ${group()}/x`, `unlink ${file(READS)}`]),
    () => `setxattr ${group()} ${pick(NAMES)} ${pick(['v', 'w'])}`,
    () => pick([`getxattr ${group()} ${pick(NAMES)}`, `listxattr ${group()}`, `removexattr ${group()} ${pick(NAMES)}`]),
    () => 'thread',
    () => 'exit',
    () => {
      const name = 1 + random(4)
      return isTaken(name) ? `wait ${name}` : null
    },
    () => `setuid ${pick([0, 1000, 1000])}`,
    () => 'unshare',
  ]
  const played = (line: string): string => {
    player.play(line)
    return line
  }
  yield `session ${number}`
  for (const name of ['a', 'a/b', 'a/c', 'a/b/d', 'b'].slice(0, random(6))) yield played(`0 mkdir ${name} 755`)
  if (random(2) === 0) yield played('0 write ./cgroup.subtree_control +pids')
  if (random(3) === 0) yield played('0 write a/cgroup.subtree_control +pids')
  for (let done = 0; done < operations;) {
    const actor = pick([0, 0, 0, 1, 1, 2, 3, 4])
    const operation = pick(kinds)()
    // process 0 has to stay what it is for the sessions to come
    const mustNot = actor === 0 && /^(?:exit|setuid|unshare|thread)/.test(operation ?? '')
    if (operation === null || mustNot || !isReady(player, actor)) continue
    const line = played(`${actor} ${operation}`)
    // an actor that its own call froze or killed gives no answer, and without process 0 nothing goes on
    if (!isReady(player, 0) || (!isReady(player, actor) && operation !== 'exit')) return
    yield line
    done++
  }
}

export function* generateCgroup(seed: number, count: number, operations = '40'): Generator<string> {
  for (let number = seed; number < seed + count; number++) yield* session(number, Number(operations))
}
