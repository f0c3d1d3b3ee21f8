/**
 * What does stacking cost whole system calls: how modules are called, how many there are, and BPF that is not there,
 * there, or attached? Against a kernel without hooks in its source, and one with CONFIG_SECURITY off.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio } from '../harness/compare.ts'
import type { ByProcess, Effort, Samples } from '../harness/compare.ts'
import { benchResult, target } from '../harness/result.ts'
import type { Target } from '../harness/result.ts'
import { titles } from '../system/operations.ts'
import type { Operation } from '../system/operations.ts'
import { bundleWithoutHooks } from '../system/without-hooks.ts'
import type { StackingArgs } from './stacking-cell.ts'

const cellModule = new URL('./stacking-cell.ts', import.meta.url)
const OPERATIONS = ['open', 'stat', 'pipe'] as const satisfies readonly Operation[]
const STRATEGIES = ['swap', 'static-key', 'krsi-v4', 'list'] as const
const BPF = ['not there', 'there', 'attached'] as const
const COUNTS = [0, 1, 2, 3, 4, 5]

const QUICK: Effort = { rounds: 1, passes: 12, warmUp: 1 }
/** Of what targets compare: processes differ by more than a few percent. */
const QUICK_PAIRS: Effort = { rounds: 6, passes: 5, warmUp: 1 }
const NORMAL: Effort = { rounds: 5, passes: 12, warmUp: 1 }

type Way = Omit<StackingArgs, 'operations'>

const nameOf = ({ way, modules, bpf }: Way): string =>
  way === 'off' ? 'security off' : `${way}, ${modules} modules, bpf ${bpf}`

const cellName = (operation: Operation, name: string): string => `${titles[operation]}: ${name}`

/** One operation a process: those that another has warmed up for are compiled otherwise. */
const spec = (operation: Operation, way: Way, module = cellModule.href, name = nameOf(way)): CellSpec => {
  const args: StackingArgs = { ...way, operations: [operation] }
  return { name: cellName(operation, name), module, args }
}

const base: Way = { way: 'swap', modules: 2, bpf: 'not there' }
const none: Way = { ...base, modules: 0 }
const there: Way = { ...base, bpf: 'there' }
const off: Way = { way: 'off', modules: 0, bpf: 'not there' }
/** What targets compare. */
const COMPARED = [none, off, base, there].map(nameOf)
const NO_HOOKS = 'no hooks'

/** One factor at a time from the base; all of the product with `--full`. */
const ways = (full: boolean): Way[] => {
  const product = STRATEGIES.flatMap((way) => COUNTS.flatMap((modules) => BPF.map((bpf) => ({ way, modules, bpf }))))
  const changed = (a: Way): number =>
    Number(a.way !== base.way) + Number(a.modules !== base.modules) + Number(a.bpf !== base.bpf)
  // what each strategy makes of modules is the question: both of these factors, whatever the third
  return full ? product : product.filter((way) => changed(way) <= 1 || way.bpf === 'not there')
}

const over = (samples: Samples, operation: Operation, a: string, b: string) =>
  ratio(samples, cellName(operation, a), cellName(operation, b))

/** What an unused module costs, and what BPF costs where nothing is attached. */
const targetsOf = (samples: Samples): Target[] => OPERATIONS.flatMap((operation) => [
  target(`${operation}: swap without modules, over no hooks but capability's`,
    over(samples, operation, nameOf(none), nameOf(off)), '<=', 1.1),
  target(`${operation}: bpf there, over not there`,
    over(samples, operation, nameOf(there), nameOf(base)), '<=', 1.02),
])

export const stacking: Bench = async ({ quick, full, progress }) => {
  const folder = mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), '../../.cells-'))
  try {
    const noHooks = await bundleWithoutHooks(cellModule, join(folder, 'stacking.mjs'))
    const samples = new Map<string, ByProcess>()
    for (const operation of OPERATIONS) {
      const specs = [
        spec(operation, none, noHooks, NO_HOOKS), spec(operation, off),
        ...ways(full).map((way) => spec(operation, way)),
      ]
      progress(`${titles[operation]}: ${specs.length} kernels in turn`)
      const names = new Set(COMPARED.map((name) => cellName(operation, name)))
      const parts = [
        { some: specs.filter(({ name }) => names.has(name)), effort: quick ? QUICK_PAIRS : NORMAL },
        { some: specs.filter(({ name }) => !names.has(name)), effort: quick ? QUICK : NORMAL },
      ]
      for (const { some, effort } of parts)
        for (const [name, taken] of await measure(some, effort)) samples.set(name, taken)
    }
    const ground = await measure([calibration], { rounds: 1, passes: 10, warmUp: 2 })
    return benchResult('stacking', cellsOf(new Map([...samples, ...ground]), 'ns'), targetsOf(samples))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
