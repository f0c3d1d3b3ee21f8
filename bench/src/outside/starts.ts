/** Starts of `lsm run` with a hello over node:wasi, by what earlier runs have left: wall time, and the processor's. */
import { target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { Ended, OutsideFolder, TimedNode } from './folder.ts'

/** Before each timed start. Answers the home of the user. */
type Prepare = (folder: OutsideFolder, node: TimedNode, sample: number) => string

interface Condition {
  readonly name: string
  readonly prepare: Prepare
  /** Whether the start has a target: the first one of all compiles everything. */
  readonly isLater: boolean
}

const hello = ['run', 'hello.wasm']
const failing = ['run', 'not-there.wasm']

const lsm = (folder: OutsideFolder, node: TimedNode, args: readonly string[], home: string): Ended =>
  folder.run(node, [folder.lsm, ...args], home)

/** One home for all samples, in which these commands have been run once. */
const after = (...runs: readonly (readonly string[])[]): Prepare => {
  let home = ''
  return (folder, node, sample) => {
    if (sample > 0) return home
    home = folder.forget()
    for (const args of runs) lsm(folder, node, args, home)
    return home
  }
}

/** The packages were used once before, by a user whose home is not the one of the samples. */
const usedBefore = (homeOf: (folder: OutsideFolder) => string): Prepare => (folder, node, sample) => {
  if (sample === 0) lsm(folder, node, hello, folder.forget())
  return homeOf(folder)
}

const conditions: readonly Condition[] = [
  { name: 'first start of all', isLater: false, prepare: (folder) => folder.forget() },
  { name: 'later, after a run that did the same', isLater: true, prepare: after(hello) },
  { name: 'later, after a first run that failed', isLater: true, prepare: after(failing, hello) },
  {
    name: 'in a fresh home, of packages used before', isLater: true, prepare: usedBefore((folder) => folder.newHome()),
  },
  { name: 'with a home that cannot be written', isLater: true, prepare: usedBefore(({ noHome }) => noHome) },
]

const greeted = (ended: Ended): Ended => {
  if (ended.status !== 0 || ended.stdout !== 'hello\n') {
    throw new Error(`a hello ended with ${ended.status}: ${ended.stdout}${ended.stderr}`)
  }
  return ended
}

/** Samples of ours beside those of node:wasi, taken in turns. */
const pairs = (folder: OutsideFolder, node: TimedNode, { prepare }: Condition, count: number) =>
  Array.from({ length: count }, (_, sample) => {
    const home = prepare(folder, node, sample)
    const theirs = greeted(folder.run(node, ['node-hello.mjs', 'hello.wasm'], home))
    return { ours: greeted(lsm(folder, node, hello, home)), theirs }
  })

export const starts = (
  folder: OutsideFolder, node: TimedNode, count: number, progress: (line: string) => void,
): { cells: CellResult[]; targets: Target[] } => {
  const cells: CellResult[] = []
  const targets: Target[] = []
  const at = `Node ${node.major}`
  const all = conditions.map((condition) => {
    progress(`${at}: lsm run hello, ${condition.name}`)
    return { condition, samples: pairs(folder, node, condition, count) }
  })
  const rivals = all.flatMap(({ samples }) => samples.map(({ theirs }) => theirs))
  for (const kind of ['wall', 'cpu'] as const) {
    const unit = kind === 'wall' ? 'ms' : 'ms of the processor'
    cells.push({ name: `${at}: hello, node:wasi`, unit, ...figure(rivals.map((one) => one[kind])) })
    for (const { condition: { name, isLater }, samples } of all) {
      cells.push({ name: `${at}: lsm run hello, ${name}`, unit, ...figure(samples.map(({ ours }) => ours[kind])) })
      const over = figure(samples.map(({ ours, theirs }) => ours[kind] / theirs[kind]))
      const title = `${at}: ${name}, over node:wasi${kind === 'cpu' ? ', processor' : ''}`
      if (isLater) targets.push(target(title, over, '<=', kind === 'wall' ? 1.6 : 2.5))
      else cells.push({ name: title, unit: '×', ...over })
    }
  }
  return { cells, targets }
}
