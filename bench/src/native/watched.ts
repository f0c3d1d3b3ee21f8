/** The added processor time of a call under a watch and under mediation, beside the same calls without either. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RUSAGE_CHILDREN, RUSAGE_SELF } from '@lsmkit/abi'
import { createNativeBox, openWatch } from '@lsmkit/native'
import { hostSystem } from '@lsmkit/native/sys'
import { target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'

const PROGRAM = `const { closeSync, openSync } = require('node:fs')
for (let i = Number(process.argv[2]); i > 0; i--) closeSync(openSync(process.argv[3]))\n`

/** A module with labels, so that each open is decided by more than capabilities. */
const mediation = { modules: [{ module: import.meta.resolve('@lsmkit/smack'), export: 'smack' }] }

type Watching = 'plain' | 'watch' | 'mediate'

/**
 * `isPinned`: the program and its watcher share one processor, as under taskset(1). Else the kernel wakes the one on
 * another processor for each part of a mediated open.
 */
const cases = [
  { name: 'watch', how: 'watch', isPinned: false },
  { name: 'mediate', how: 'mediate', isPinned: false },
  { name: 'mediate on one processor', how: 'mediate', isPinned: true },
] as const satisfies readonly { name: string; how: Watching; isPinned: boolean }[]

/** Bytes of a set of processors. */
const SET = 128

/** Threads and processes that are started meanwhile run on the first processor that this one may use. */
const onOneProcessor = async <T>(act: () => Promise<T>): Promise<T> => {
  const system = hostSystem()
  const all = new Uint8Array(SET)
  const rc = system.call('sched_getaffinity', 0, SET, all)
  if (rc < 0) throw new Error(`sched_getaffinity answered ${rc}`)
  const byte = all.findIndex((bits) => bits !== 0)
  const first = new Uint8Array(SET)
  first[byte] = all[byte]! & -all[byte]!
  system.call('sched_setaffinity', 0, SET, first)
  try {
    return await act()
  } finally {
    system.call('sched_setaffinity', 0, SET, all)
  }
}

/** Microseconds of a call. */
const MOST_ADDED = 25

/** Milliseconds of the processor that this process, or its ended children, have used. */
export const processorTime = (who: number): number => {
  const usage = new BigInt64Array(18)
  hostSystem().call('getrusage', who, new Uint8Array(usage.buffer))
  return Number(usage[0]! + usage[2]!) * 1000 + Number(usage[1]! + usage[3]!) / 1000
}

const ofAll = (): number => processorTime(RUSAGE_SELF) + processorTime(RUSAGE_CHILDREN)

const box = createNativeBox({ allow: { read: ['/'], write: ['/'], exec: ['/'] } }, { accept: ['attributes'] })

/** Milliseconds of the processor that a program with so many opens takes, with those who watch it. */
const run = async (folder: string, how: Watching, opens: number): Promise<number> => {
  const watch = how === 'plain' ? null : await openWatch(how === 'watch' ? {} : { mediation })
  const before = ofAll()
  const args = [join(folder, 'opens.cjs'), String(opens), join(folder, 'opened')]
  const { process: started } = box.start(process.execPath, args, {
    cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], ...(watch === null ? {} : { watch }),
  })
  const { code } = await started.ended
  const summary = await watch?.end()
  if (code !== 0) throw new Error(`the program ended with ${code} (${how})`)
  if (summary !== undefined && summary.calls < opens) throw new Error(`${summary.calls} calls were seen of ${opens}`)
  return ofAll() - before
}

/** Calls of the shorter program, in which V8 compiles the watching thread, and of the longer one. */
const [FIRST, ALL] = [20_000, 60_000]

/** Microseconds of the processor for an open and a close: of the first 20,000, and of those that follow. */
interface Opens {
  readonly first: number
  readonly later: number
}

const opensOf = async (folder: string, how: Watching): Promise<Opens> => {
  const empty = await run(folder, how, 0)
  const some = await run(folder, how, FIRST)
  const all = await run(folder, how, ALL)
  return { first: (some - empty) * 1000 / FIRST, later: (all - some) * 1000 / (ALL - FIRST) }
}

/** Cells and targets of calls under a watch and under mediation, each beside the same pass without. */
export const watchedCalls = async (folder: string, passes: number): Promise<[CellResult[], Target[]]> => {
  writeFileSync(join(folder, 'opens.cjs'), PROGRAM)
  writeFileSync(join(folder, 'opened'), 'opened\n')
  const none = (): { first: number[]; later: number[] } => ({ first: [], later: [] })
  const added = cases.map((one) => ({ ...one, ...none() }))
  const plain: number[] = []
  for (let i = 0; i < passes; i++) {
    const without = await opensOf(folder, 'plain')
    plain.push(without.later)
    for (const { how, isPinned, ...samples } of added) {
      const { first, later } = await (isPinned ? onOneProcessor(() => opensOf(folder, how)) : opensOf(folder, how))
      samples.first.push(first - without.first)
      samples.later.push(later - without.later)
    }
  }
  const unit = 'µs'
  const cells = added.flatMap(({ name, first, later }) => [
    { name: `${name}: added to open and close, first 20,000, processor time`, unit, ...figure(first) },
    { name: `${name}: added to open and close, later, processor time`, unit, ...figure(later) },
  ])
  return [
    [{ name: 'open and close without a watch, processor time', unit, ...figure(plain) }, ...cells],
    added.flatMap(({ name, first, later }) => [
      target(`${name}: added to each of the first 20,000, µs of the processor`, figure(first), '<=', MOST_ADDED),
      target(`${name}: added to open and close once compiled, µs of the processor`, figure(later), '<=', MOST_ADDED),
    ]),
  ]
}
