/**
 * What does a system call cost? Four things that programs do with files: by an unprivileged task under capability, yama
 * and smack (whose rules let it), under capability alone, and on a kernel without the framework; and beside them memfs,
 * browser_wasi_shim and Node's WASI, which check nothing or leave it to the host.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, NORMAL, ratio, timeOf } from '../harness/compare.ts'
import type { ByProcess, Effort, Samples } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import { ACTS, titles } from './acts.ts'
import type { SyscallArgs } from './syscall-cell.ts'
import type { Way } from './ways.ts'

const KERNELS: readonly Way[] = ['full stack', 'capability', 'security off']
const OTHERS: readonly Way[] = ['memfs', 'browser_wasi_shim', 'node:wasi']
const WAYS = [...KERNELS, ...OTHERS]

/** Passes of 1,500 calls of each kind: V8 compiles a walk anew several times before it leaves it as it is. */
const WARM_UP = 30
/** And what it makes of one differs by process, which the targets need many of. */
const SHORT: Effort = { rounds: 12, passes: 5, warmUp: WARM_UP }
const LONG: Effort = { ...NORMAL, rounds: 30, warmUp: WARM_UP }
/** No target asks about the others. */
const BESIDE = { quick: 2, long: 6 }

/** A pass gives one figure an act, in their order. */
const ofAct = (processes: ByProcess, at: number): number[][] =>
  processes.map((passes) => passes.filter((_, i) => i % ACTS.length === at))

/** Samples by act and way. */
const byAct = (samples: Samples): Samples =>
  new Map(ACTS.flatMap((act, at) =>
    WAYS.map((way) =>
      [`${titles[act]}, ${way}`, ofAct(samples.get(way)!, at)] as const)))

export const syscall: Bench = async ({ quick, progress }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-bench-'))
  const specsOf = (ways: readonly Way[]): CellSpec[] => ways.map((way) => {
    const args: SyscallArgs = { way, folder }
    return { name: way, module: new URL('./syscall-cell.ts', import.meta.url).href, args }
  })
  const effort = quick ? SHORT : LONG
  try {
    progress(`${effort.rounds} rounds of ${KERNELS.join(', ')}`)
    const kernels = await measure([...specsOf(KERNELS), calibration], effort)
    const beside = { ...effort, rounds: quick ? BESIDE.quick : BESIDE.long }
    progress(`${beside.rounds} rounds of ${OTHERS.join(', ')}`)
    const all = new Map([...kernels, ...(await measure(specsOf(OTHERS), beside))])
    const samples = byAct(all)
    const cells = cellsOf(samples, 'ns')
    const targets = ACTS.map((act) => {
      const over = ratio(samples, `${titles[act]}, full stack`, `${titles[act]}, security off`)
      return target(`full stack over security off: ${titles[act]}`, over, '<=', act === 'stat' ? 1.2 : 1.3)
    })
    const ground = { name: calibration.name, unit: 'ns', ...timeOf(all, calibration.name) }
    return benchResult('syscall', [...cells, ground], targets)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
