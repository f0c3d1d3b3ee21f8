/**
 * The cost of a box: the first one, one more, one inline, a small program in it beside WebAssembly alone, memory, and
 * the rest of a thousand that were made and dropped. Beside quickjs-emscripten and just-bash, which also make a place
 * where something is run.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { benchResult, target } from '../harness/result.ts'
import type { CellResult } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'

const cell = fileURLToPath(new URL('./sandbox-cell.ts', import.meta.url))

/** Of the built packages, in a fresh process. */
const ask = (what: string, count: number): number[] => {
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', cell, what, String(count)]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' },
  })
  if (status !== 0) throw new Error(`${what}: ${stderr}`)
  return JSON.parse(stdout) as number[]
}

export const sandboxBench: Bench = async ({ quick, progress }) => {
  const processes = quick ? 3 : 10
  const times = quick ? 20 : 100
  const many = quick ? 150 : 1000
  const afresh = (what: string): number[] => Array.from({ length: processes }, () => ask(what, 1)).flat()
  const cells: CellResult[] = []
  const tell = (name: string, unit: string, samples: readonly number[]): CellResult => {
    const made = { name, unit, ...figure(samples) }
    cells.push(made)
    return made
  }
  progress('first boxes, each in a process of its own')
  const first = tell('first box of a process', 'ms', afresh('first'))
  tell('first box, and a program that says hello', 'ms', afresh('first run'))
  progress('boxes and programs')
  const warm = tell('one more box', 'ms', ask('warm', times))
  tell('a program in a worker', 'ms', ask('warm run', times))
  const inline = tell('a box inline, [capability, landlock], an empty tree', 'ms', ask('inline', times))
  // ours is JavaScript that V8 has yet to compile: what one process sees first is told apart
  const programs = Array.from({ length: processes }, () => [ask('inline run', 500), ask('bare', 500)] as const)
  tell('a program inline, the first 20 of a process', 'ms', programs.flatMap(([ours]) => ours.slice(0, 20)))
  const program = tell('a program inline', 'ms', programs.flatMap(([ours]) => ours))
  const bare = tell('the same, WebAssembly alone', 'ms', programs.flatMap(([, alone]) => alone))
  const memory = tell('a box more, its kernel', 'MB', ask('memory', quick ? 20 : 100))
  progress('commands of a shell')
  const shell = tell('file commands of box.sh, over just-bash on its own files', '×', ask('box.sh', quick ? 8 : 30))
  progress(`${many} boxes made and dropped`)
  const [held, threads, descriptors] = ask('dropped', many)
  const [heldInline] = ask('dropped inline', many)
  progress('rivals')
  tell('quickjs-emscripten: a context, one expression', 'ms', ask('quickjs', times))
  tell('just-bash: a shell, echo', 'ms', ask('just-bash', times))
  const over = {
    value: program.value / bare.value, low: program.low / bare.high, high: program.high / bare.low, n: program.n,
  }
  return benchResult('sandbox', cells, [
    target('first box, ms', first, '<=', 400),
    target('one more box, ms', warm, '<=', 60),
    target('a box inline, ms', inline, '<=', 15),
    target('a box more, MB', memory, '<=', 3),
    target('a program inline, over WebAssembly alone', over, '<=', 3),
    target('file commands of box.sh, over just-bash', shell, '<=', 2),
    target(`held after ${many} boxes, over before`, figure([held!]), '<=', 1.05),
    target(`held after ${many} boxes inline, over before`, figure([heldInline!]), '<=', 1.05),
    target(`threads after ${many} boxes, over before`, figure([threads!]), '<=', 1.05),
    target(`descriptors after ${many} boxes, over before`, figure([descriptors!]), '<=', 1.05),
  ])
}
