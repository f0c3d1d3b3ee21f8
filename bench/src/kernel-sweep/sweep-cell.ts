/** Times one crowd, small and large: making each, every call amid all, the end of all at once. */
import { WNOHANG, ownValue } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Cell } from '../harness/cell.ts'
import { argumentsOf, CALLS } from './calls.ts'
import type { Pick } from './calls.ts'
import { crowds } from './crowds.ts'
import { endOf, must, stage } from './stage.ts'
import type { Handles, Stage } from './stage.ts'

export interface SweepArgs {
  readonly crowd: string
  readonly few: number
  readonly many: number
}

/** How much more than in proportion something took with many: 1 is in proportion, `many / few` is quadratic. */
export interface Growth {
  readonly what: string
  readonly over: number
  readonly nanoseconds: number
}

/** Of each call the best of so many, each with other handles. */
const ROUNDS = 4
/** Calls that take less than this take too little to be told from noise, and so do making and ending all. */
const FLOOR = 300_000
const FLOOR_OF_ALL = 200_000_000
/** What is about all of a crowd at once. */
const MAKING = 'making them'
const ENDING = 'the end of all'
/** What seems to grow more than this is measured again: the machine may have done something else. */
const SUSPECT = 3
const TRIES = 4

const now = (): number => Number(process.hrtime.bigint())

type Call = (task: Task, ...args: unknown[]) => number
/** These are about the caller's own children. */
const OWN = new Set(['fork', 'vfork', 'clone', 'clone3', 'wait4', 'waitid', 'ptrace'])

/** Nanoseconds of one call, and whether it went well. The caller of most is a child, which may end by it. */
const timed = ({ sys, machine, me }: Stage, name: string, shape: string, pick: Pick, n: number) => {
  const pid = OWN.has(name) ? me.pid : must(sys.fork(me))
  const task = machine.tasks.find(pid)!
  const args = argumentsOf(shape, pick, n)
  if (shape.startsWith('f')) sys.lseek(task, args[0] as number, 0, 0)
  const start = now()
  const rc = (sys as unknown as Readonly<Record<string, Call>>)[name]!(task, ...args)
  const took = now() - start
  if (task !== me && task.exit_state === 0) sys.exit_group(task, 0)
  if (task !== me) while (sys.wait4(me, pid, null, WNOHANG, null) > 0);
  return { took, ok: rc >= 0 }
}

/** The best that went well, or of those that did not. */
const best = (at: Stage, name: string, shape: string, pick: Pick): number => {
  let [good, bad] = [Infinity, Infinity]
  for (let n = 0; n < ROUNDS; n++) {
    const { took, ok } = timed(at, name, shape, pick, n)
    if (ok) good = Math.min(good, took)
    else bad = Math.min(bad, took)
  }
  return good === Infinity ? bad : good
}

/** Nanoseconds by what was done; `isWanted` leaves calls out. */
const measure = (name: string, count: number, isWanted: (what: string) => boolean): Map<string, number> => {
  const at = stage()
  const { add, handles } = ownValue(crowds, name)!.sets(at)
  const found = new Map<string, number>()
  let start = now()
  for (let i = 0; i < count; i++) must(add(i))
  found.set(MAKING, now() - start)
  // what making them has left is not to be collected while a call is timed
  globalThis.gc?.()
  const given: Handles = { fds: [], paths: ['/c'], pids: [at.other.pid], ids: [], addresses: [], ...handles?.(count) }
  const pick: Pick = (kind, n) => given[kind][n % given[kind].length] ?? 0
  for (const [call, shapes] of CALLS) {
    for (const shape of shapes) {
      const what = `${call} (${shape})`
      if (isWanted(what)) found.set(what, best(at, call, shape, pick))
    }
  }
  globalThis.gc?.()
  start = now()
  endOf(at)
  found.set(ENDING, now() - start)
  return found
}

const compare = (few: ReadonlyMap<string, number>, many: ReadonlyMap<string, number>, factor: number): Growth[] =>
  [...many].filter(([what, took]) => took > (what === MAKING || what === ENDING ? FLOOR_OF_ALL : FLOOR))
    .map(([what, took]) => ({ what, over: took / few.get(what)! / factor, nanoseconds: took }))

/** What grew most; what is suspect keeps the best of several tries. */
const sweep = ({ crowd, few, many }: SweepArgs): Growth[] => {
  let isWanted = (_what: string): boolean => true
  measure(crowd, few, isWanted)
  const found = new Map<string, Growth>()
  for (let i = 0; i < TRIES; i++) {
    for (const one of compare(measure(crowd, few, isWanted), measure(crowd, many, isWanted), many / few)) {
      const before = found.get(one.what)
      if (before === undefined || one.over < before.over) found.set(one.what, one)
    }
    const suspects = new Set([...found.values()].filter(({ over }) => over > SUSPECT).map(({ what }) => what))
    if (suspects.size === 0) break
    isWanted = (what) => suspects.has(what)
  }
  return [...found.values()].sort((a, b) => b.over - a.over)
}

export const cell = (args: SweepArgs): Cell => ({
  pass: () => 0,
  ask: { growth: () => sweep(args).slice(0, 8) },
})
