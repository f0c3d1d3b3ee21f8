/** SafeSetID: random policies, some of them wrong, and calls of tasks with random ids and capabilities. */
import { hex, randomFrom, spoiled } from './random.ts'
import type { Random } from './random.ts'

const IDS = [0, 1000, 1001, 1002, 1003, 65534, 4294967294]
const CALLS = ['setuid', 'setreuid', 'setresuid', 'setfsuid', 'setgid', 'setregid', 'setresgid', 'setfsgid'] as const
const WORDS: Readonly<Record<(typeof CALLS)[number], number>> =
  { setuid: 1, setreuid: 2, setresuid: 3, setfsuid: 1, setgid: 1, setregid: 2, setresgid: 3, setfsgid: 1 }
const LENGTHS = [200, 4096, 5000, 4194303, 4194304]
const CAP_SETGID = 6
const CAP_SETUID = 7

/** `count` sessions: each takes the policies away, makes three tasks, writes policies, and lets the tasks call. */
export function* generateSafesetid(seed: number, count: number): Generator<string> {
  const random = randomFrom(seed)
  for (let i = 0; i < count; i++) {
    yield `session ${seed}.${i}`
    for (const kind of ['uid', 'gid']) yield `0 write ${file(kind)} 1 -`
    for (const actor of [1, 2, 3]) yield* task(random, actor)
    for (let step = 0; step < 4; step++) {
      for (const kind of ['uid', 'gid']) yield* policy(random, kind)
      for (let call = 0; call < 6; call++) yield* change(random)
    }
  }
}

const file = (kind: string): string => `/sys/kernel/security/safesetid/${kind}_allowlist_policy`

/** Real, effective and saved ids that may differ, groups, and the capabilities that the module is about, or fewer. */
function* task({ below, pick }: Random, actor: number): Generator<string> {
  const ids = (): string => Array.from({ length: 3 }, () => pick(IDS)).join(' ')
  yield `${actor} securebits 0x4`
  yield `${actor} setgroups ${pick(['-', '1000', '1001,1002'])}`
  yield `${actor} setresgid ${ids()}`
  yield `${actor} setresuid ${ids()}`
  yield `${actor} caps ${pick([`${CAP_SETGID},${CAP_SETUID}`, `${CAP_SETGID},${CAP_SETUID}`, `${CAP_SETUID}`, '-'])}`
  if (below(4) === 0) yield `${actor} ids`
}

const spellings: readonly ((id: number) => string)[] = [
  String, String, String, (id) => `0x${id.toString(16)}`, (id) => `0${id.toString(8)}`, (id) => `+${id}`,
]

const policyText = (random: Random): string => {
  const { below, pick } = random
  const lines = Array.from({ length: below(7) }, () => `${pick(spellings)(pick(IDS))}:${pick(spellings)(pick(IDS))}\n`)
  const closed = below(2) === 0 ? IDS.slice(0, below(6)).map((id) => `${id}:${id}\n`) : []
  // a line that is there twice refuses all of it: rarely wanted
  const once = below(5) === 0 ? [...lines, ...closed] : [...new Map(
    [...lines, ...closed].map((line) => [line.trim().split(':').map(Number).join(), line]),
  ).values()]
  const text = once.join('')
  return below(8) === 0 ? spoiled(random, text) : text
}

function* policy(random: Random, kind: string): Generator<string> {
  const { below, pick } = random
  const text = hex(policyText(random))
  switch (below(10)) {
    case 0: return yield `0 pwrite ${file(kind)} 1 ${pick([0, 1, 100])} ${text}`
    case 1: return yield `0 twice ${file(kind)} 1 ${text} ${hex(policyText(random))}`
    case 2: return yield `${pick([1, 2, 3])} write ${file(kind)} 1 ${text}`
    case 3: return yield `0 long ${file(kind)} 1 ${text} ${pick(LENGTHS)} ${pick([0, 0, 10])}`
    default: yield `0 write ${file(kind)} 1 ${text}`
  }
  if (below(2) === 0) yield `0 pread ${file(kind)} 0 ${pick([0, 0, 0, 3, 50])} ${pick([4, 1000, 1000])}`
  if (below(20) === 0) yield `0 lseek ${file(kind)} 2 ${below(10)}`
}

function* change({ below, pick }: Random): Generator<string> {
  const actor = pick([1, 2, 3])
  const id = (): number => (below(5) === 0 ? -1 : pick(IDS))
  const kind = below(12)
  if (kind === 0) yield `${actor} setgroups ${pick(['-', '1000', '1001', '1000,1003', '65534,1002,0'])}`
  else if (kind === 1) yield `${actor} claim ${pick(IDS)} ${pick(IDS)}`
  else {
    const call = pick(CALLS)
    yield `${actor} ${call} ${Array.from({ length: WORDS[call] }, id).join(' ')}`
  }
  if (below(3) === 0) yield `${actor} ids`
}
