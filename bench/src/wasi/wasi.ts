/**
 * What does a WASI program pay here: for a call, for files of the host beside node:wasi, for files in memory beside
 * browser_wasi_shim; and how long does it take to begin, and to pass bytes on? Each cell is a process, and they take
 * turns.
 */
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio, timeOf } from '../harness/compare.ts'
import type { Effort } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { scaled } from '../harness/stats.ts'
import type { GuestArgs, HostName, OperationName } from './guest-cell.ts'
import type { PipelineArgs } from './pipeline-cell.ts'
import type { StartArgs } from './start-cell.ts'

const guestModule = new URL('./guest-cell.ts', import.meta.url).href
const pipelineModule = new URL('./pipeline-cell.ts', import.meta.url).href
const startModule = new URL('./start-cell.ts', import.meta.url).href

const QUICK: Effort = { rounds: 1, passes: 20, warmUp: 6 }
const NORMAL: Effort = { rounds: 3, passes: 20, warmUp: 10 }
/** For passes that are long themselves. */
const LONG: Partial<Effort> = { rounds: 1, warmUp: 1 }
const MANY = 1000
const STARTS: Effort = { rounds: 1, passes: 20, warmUp: 2 }
/** Of one process: the first ones too, in which V8 compiles. */
const BOOTS: Effort = { rounds: 1, passes: 80, warmUp: 2 }

const MS = 1e-6

const ALL: readonly HostName[] = ['hostfs', 'hostfs, native', 'node:wasi', 'tmpfs', 'browser_wasi_shim']
const FOLDERS: readonly HostName[] = ['hostfs', 'hostfs, native', 'node:wasi']

interface Row {
  readonly title: string
  readonly operation: OperationName
  readonly names: number
  /** What ours may cost of node:wasi's. */
  readonly most: number | null
  /** The same of native calls. */
  readonly mostNative: number | null
  readonly on: readonly HostName[]
}
const row = (
  title: string, operation: OperationName, names: number, most: number | null, mostNative: number | null,
  on: readonly HostName[] = ALL,
): Row => ({ title, operation, names, most, mostNative, on })

/** What each operation is. Passes of the last two are long: node:wasi begins a listing anew for each part of it. */
const rows: readonly Row[] = [
  row('a call', 'call', 100, null, null),
  row('open, read, close', 'open', 100, 2, 1.2),
  row('stat', 'stat', 100, 3.5, 1),
  row('create, unlink', 'create', 100, 2, 1.2),
  row('an entry of 100', 'readdir', 100, 1.5, 1.2),
  row('an entry of 10,000', 'readdir', 10_000, 1.5, 1.2, FOLDERS),
  row('a file of a walk over 11,000', 'walk', 11_000, 3, 1.2, FOLDERS),
]

const guestSpec = (title: string, args: GuestArgs): CellSpec =>
  ({ name: `${title}, ${args.host}`, module: guestModule, args })
const startSpec = (name: string, what: StartArgs['what']): CellSpec =>
  ({ name, module: startModule, args: { what } satisfies StartArgs })

const files = async (
  effort: Effort, progress: (line: string) => void,
): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const cells: CellResult[] = []
  const targets: Target[] = []
  for (const { title, operation, names, most, mostNative, on } of rows) {
    progress(title)
    const samples = await measure(
      on.map((host) => guestSpec(title, { host, operation, names })), names > MANY ? { ...effort, ...LONG } : effort,
    )
    cells.push(...cellsOf(samples, 'ns'))
    for (const [host, limit] of [['hostfs', most], ['hostfs, native', mostNative]] as const) {
      if (limit === null) continue
      const over = ratio(samples, `${title}, ${host}`, `${title}, node:wasi`)
      targets.push(target(`${title}: ${host} over node:wasi`, over, '<=', limit))
    }
  }
  return { cells, targets }
}

const starts = async (progress: (line: string) => void): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  progress('hello, and a kernel')
  const [run, node, boot] = ['hello, lsm run', 'hello, node:wasi', 'boot of a kernel']
  const samples = await measure([startSpec(run!, 'lsm run'), startSpec(node!, 'node:wasi')], STARTS)
  const boots = await measure([startSpec(boot!, 'boot')], BOOTS)
  return {
    cells: [...cellsOf(samples, 'ms', MS), ...cellsOf(boots, 'ms', MS)],
    targets: [
      target('hello: lsm run over node:wasi', ratio(samples, run!, node!), '<=', 2.5),
      target('boot of a kernel, ms', scaled(timeOf(boots, boot!), MS), '<=', 5),
    ],
  }
}

/** Programs that talk, in one thread and in a worker each. */
const pipelines = async (effort: Effort, progress: (line: string) => void): Promise<CellResult[]> => {
  progress('a pipeline of three over 10^7 bytes')
  const specs = (['suspended', 'workers'] as const).map((waiting): CellSpec => ({
    name: `a pipeline of three over 10^7 bytes, ${waiting}`, module: pipelineModule,
    args: { waiting } satisfies PipelineArgs,
  }))
  return cellsOf(await measure(specs, effort), 'ms', MS)
}

export const wasi: Bench = async ({ quick, progress }) => {
  const effort = quick ? QUICK : NORMAL
  const done = [await starts(progress), await files(effort, progress)]
  const talking = await pipelines({ ...effort, rounds: 1, warmUp: 2 }, progress)
  const ground = await measure([calibration], { ...effort, rounds: 1 })
  const level = { name: calibration.name, unit: 'ns', ...timeOf(ground, calibration.name) }
  return benchResult(
    'wasi', [...done.flatMap(({ cells }) => cells), ...talking, level], done.flatMap(({ targets }) => targets),
  )
}
