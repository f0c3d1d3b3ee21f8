/**
 * Every argument of the three Landlock calls, by tasks of any domain, between files that are opened, renamed and
 * mounted: an errno or a number comes back, what is refused changes nothing, and nobody gets out of a domain: what the
 * first layer refuses stays refused. The remembering and the plain walk come to the same.
 */
import {
  AT_FDCWD, errnoName, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_RULE_PATH_BENEATH, O_CREAT, O_PATH, O_RDONLY, O_RDWR,
  packLandlockPathBeneath, packLandlockRuleset, PR_SET_NO_NEW_PRIVS,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'

const CALLS = 400
const ODD = [
  0, 1, 2, 3, 4, 7, 8, 9, 12, 16, 23, 24, 25, 32, 4096, 4097, -1, -2, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 0.5, NaN,
]
const WORDS = [0n, 1n, 4n, 0x2000n, 0xffffn, 0x10000n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n, 443n, 65535n, 65536n]
const SECRET = 'what lies beside'
const PATHS = ['/', '/d', '/d/e', '/d/e/g', '/d/f', '/m', '/proc/self/fd', '/secret', '/d/s']

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

/** Any struct: of any length, of words that mean something or not; or something that is no memory. */
const attr = (random: Random): Uint8Array | null => {
  if (random.oneIn(12)) return random.pick<unknown>([null, undefined, {}, 'text', 7, [1], new Uint16Array(12)]) as never
  const bytes = new Uint8Array(random.pick([0, 1, 7, 8, 11, 12, 16, 24, 24, 24, 32, 4096, 5000]))
  const view = new DataView(bytes.buffer)
  for (let at = 0; at + 8 <= Math.min(bytes.length, 40); at += 8) {
    if (random.oneIn(3)) continue
    view.setBigUint64(at, random.oneIn(3) ? BigInt(random.word()) : random.pick(WORDS), true)
  }
  if (bytes.length > 0 && random.oneIn(8)) bytes[bytes.length - 1] = random.below(256)
  if (bytes.length >= 12 && random.oneIn(2)) view.setInt32(8, random.below(12) - 1, true)
  return bytes
}

const number = (random: Random): number => (random.oneIn(3) ? random.pick(ODD) : random.below(14))

/** Mostly 0. */
const odd = (random: Random, oneIn: number): number => (random.oneIn(oneIn) ? number(random) : 0)

const isAnswer = (rc: unknown): boolean =>
  typeof rc === 'number' && Number.isInteger(rc) && (rc >= 0 || /^E[A-Z0-9]+$/.test(errnoName(rc)))

interface World {
  readonly kernel: Kernel
  readonly tasks: Task[]
}

const bootWorld = (seed: number, remembers: boolean, thrown: string[]): World => {
  const abi = ([1, 2, 3, 4, 5, 6, 6, 6, 7, 8, 9] as const)[seed % 11]!
  const module = landlock({ abi, remembers })
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability(), module] }),
    landlock: module.engine,
    onPanic: (call, error) => thrown.push(`${call}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  const { sys, init, machine } = kernel
  for (const dir of ['/d', '/d/e', '/m']) must(sys.mkdir(init, dir, 0o777), dir)
  for (const file of ['/d/f', '/d/e/g', '/secret']) {
    const fd = must(sys.openat(init, AT_FDCWD, file, O_CREAT | O_RDWR, 0o666), file)
    if (file === '/secret') sys.write(init, fd, new TextEncoder().encode(SECRET))
    sys.close(init, fd)
  }
  const task = machine.tasks.find(must(sys.fork(init), 'fork'))!
  for (let fd = 0; fd < 4; fd++) sys.openat(task, AT_FDCWD, PATHS[fd]!, O_PATH, 0)
  sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  confine(kernel, task)
  return { kernel, tasks: [task] }
}

/** Below /d files may be read; what lies beside it, never again. */
const confine = ({ sys }: Kernel, task: Task): void => {
  const layer = packLandlockRuleset({ handled_access_fs: LANDLOCK_ACCESS_FS_READ_FILE })
  const fd = must(sys.landlock_create_ruleset(task, layer, 8, 0), 'create_ruleset')
  const at = must(sys.openat(task, AT_FDCWD, '/d', O_PATH, 0), '/d')
  const rule = packLandlockPathBeneath(LANDLOCK_ACCESS_FS_READ_FILE, at)
  must(sys.landlock_add_rule(task, fd, LANDLOCK_RULE_PATH_BENEATH, rule, 0), 'add_rule')
  must(sys.landlock_restrict_self(task, fd, 0), 'restrict_self')
  sys.close(task, at)
  sys.close(task, fd)
}

/** One call, the same in every world for the same numbers. */
const step = ({ kernel, tasks }: World, random: Random): unknown => {
  const { sys, init, machine } = kernel
  const task = random.pick(tasks)
  const path = (): string => random.pick(PATHS)
  switch (random.below(14)) {
    case 0: case 1: case 2:
      return sys.landlock_create_ruleset(task, attr(random), random.oneIn(2) ? 24 : number(random), odd(random, 6))
    case 3: case 4: case 5: case 6:
      return sys.landlock_add_rule(
        task, number(random), random.oneIn(5) ? number(random) : 1 + random.below(2), attr(random), odd(random, 8),
      )
    case 7: case 8:
      return sys.landlock_restrict_self(task, number(random), odd(random, 4))
    case 9: return sys.openat(task, AT_FDCWD, path(), random.pick([O_RDONLY, O_RDWR, O_PATH]), 0)
    case 10: return sys.close(task, number(random))
    case 11: {
      if (tasks.length > 5) return 0
      const pid = sys.fork(task)
      if (pid > 0) tasks.push(machine.tasks.find(pid)!)
      return pid < 0 ? pid : 0
    }
    case 12: return random.oneIn(2) ? sys.rename(task, path(), path()) : sys.link(task, path(), '/d/s')
    default:
      return random.pick([
        () => sys.rename(init, '/d/e', '/m/e'), () => sys.rename(init, '/m/e', '/d/e'),
        () => sys.mount(init, '/d', '/m', null, 4096, null), () => sys.umount2(init, '/m', 2),
      ])()
  }
}

const play = (seed: number, count: (steps: number) => void): string | null => {
  const thrown: string[] = []
  const worlds = [bootWorld(seed, true, thrown), bootWorld(seed, false, thrown)]
  const numbers = worlds.map(() => new Random(seed))
  for (let i = 0; i < CALLS; i++) {
    const answers = worlds.map((world, at) => step(world, numbers[at]!))
    if (thrown.length > 0) return `thrown: ${thrown[0]}`
    if (!answers.every(isAnswer)) return `call ${i} answered ${String(answers[0])}`
    if (answers[0] !== answers[1]) return `call ${i}: ${String(answers[0])}, by the plain walk ${String(answers[1])}`
  }
  count(2 * CALLS)
  for (const { kernel, tasks } of worlds) {
    const task = tasks.find((one) => PATHS.some((path) => contents(kernel, one, path) === SECRET))
    if (task !== undefined) return `a layer is gone: task ${task.pid} can read the secret`
  }
  return null
}

/** It may have got another name beside its own; '' for what cannot be read. */
const contents = ({ sys }: Kernel, task: Task, path: string): string => {
  const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return ''
  const buffer = new Uint8Array(64)
  const length = sys.read(task, fd, buffer)
  sys.close(task, fd)
  return new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)))
}

export const landlockCalls = seedFuzzer((seed, session) => {
  const wrong = play(seed, (steps) => { session.step(steps) })
  if (wrong === null) return
  session.found(wrong.startsWith('a layer') ? 'wrong-allow' : 'wrong-answer', `${seed}\n`, wrong)
})
