/** The costs of boxes of the installed packages: the first of a process, one more, fifty that are kept, a shell. */
import { target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { OutsideFolder, TimedNode } from './folder.ts'

const BOXES = 50

/** Processes and samples. */
interface BoxEffort {
  readonly processes: number
  readonly more: number
  readonly lines: number
}
export const QUICK: BoxEffort = { processes: 5, more: 20, lines: 6 }
export const NORMAL: BoxEffort = { processes: 12, more: 60, lines: 20 }

interface Asked {
  readonly folder: OutsideFolder
  readonly node: TimedNode
  /** In which earlier processes may have left compiled code. */
  readonly home: string
}

const ask = ({ folder, node, home }: Asked, args: readonly string[]): number[] => {
  const { status, stdout, stderr } = folder.run(node, ['--expose-gc', ...args], home)
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as number[]
}

/** What is asked of a box, by where its kernel is. */
const asked = { worker: { first: 150 }, inline: { first: 100 } } as const

export const boxes = (
  folder: OutsideFolder, node: TimedNode, effort: BoxEffort, progress: (line: string) => void,
): { cells: CellResult[]; targets: Target[] } => {
  const cells: CellResult[] = []
  const targets: Target[] = []
  const at = `Node ${node.major}`
  const tell = (name: string, unit: string, samples: readonly number[]): CellResult => {
    const made = { name: `${at}: ${name}`, unit, ...figure(samples) }
    cells.push(made)
    return made
  }
  const limit = (cell: CellResult, most: number): void =>
    void targets.push(target(`${cell.name}, ${cell.unit}`, cell, '<=', most))
  for (const where of ['worker', 'inline'] as const) {
    const from = { folder, node, home: folder.forget() }
    progress(`${at}: boxes, ${where}`)
    const place = where === 'worker' ? 'in a worker' : 'inline'
    const openFirst = (): number[] => ask(from, ['boxes.mjs', 'first', where])
    const [first, ...firsts] = Array.from({ length: effort.processes + 1 }, openFirst)
    tell(`first box ${place}, the first of all, with the import`, 'ms', [first![0]!])
    limit(tell(`first box ${place}, with the import`, 'ms', firsts.map(([whole]) => whole!)), asked[where].first)
    tell(`first box ${place}, the call alone`, 'ms', firsts.map(([, call]) => call!))
    tell(`first box ${place}, of the whole process`, 'ms of the processor', firsts.map(([, , cpu]) => cpu!))
    limit(tell(`one more box ${place}`, 'ms', ask(from, ['boxes.mjs', 'more', where, String(effort.more)])), 8)
    const many = ['memory', 'memory sh'].map((what) => ask(from, ['boxes.mjs', what, where, String(BOXES)]))
    const ran = tell(`${BOXES} boxes ${place}, each has run a program`, 'MB', many[0]!)
    if (where === 'worker') limit(ran, 150)
    const lines = tell(`${BOXES} boxes ${place}, each has run a line of its shell`, 'MB', many[1]!)
    if (where === 'worker') limit(lines, 150)
    progress(`${at}: commands of a shell, ${where}`)
    const ratios = ask(from, ['shell.mjs', where, String(effort.lines)])
    limit(tell(`commands of box.sh ${place}, over just-bash`, '×', ratios), 1.5)
  }
  return { cells, targets }
}
