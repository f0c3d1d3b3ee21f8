/** Does SELinux decide faster here than in C: decisions, the cache before them, loading, the labels of files? */
import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { calibration } from '../harness/calibration.ts'
import { withCells } from '../harness/cell-process.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, NORMAL, QUICK, ratio } from '../harness/compare.ts'
import type { Effort, Samples } from '../harness/compare.ts'
import { benchResult, exact, target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { AvArgs } from './av-cell.ts'
import type { AvcArgs } from './avc-cell.ts'
import { dataPath, prepareCil, prepareFileContexts, preparePolicies } from './data.ts'
import type { PolicyData } from './data.ts'
import type { FlowArgs } from './flow-cell.ts'
import type { PolicyLoadArgs } from './policy-load-cell.ts'
import type { LinkArgs } from './link-cell.ts'
import type { ProgramArgs } from './program-cell.ts'
import type { QueryArgs } from './query-cell.ts'
import type { RivalArgs } from './rival-cell.ts'
import { buildRivals, PYTHON } from './rivals.ts'
import type { Rival } from './rivals.ts'

/** Questions of a pass. */
const MANY = 4000
const FEW = 1000

const moduleOf = (name: string): string => new URL(`./${name}-cell.ts`, import.meta.url).href

const spec = <T>(name: string, module: string, args: T, nodeFlags?: string[]): CellSpec =>
  ({ name, module: moduleOf(module), args, ...(nodeFlags === undefined ? {} : { nodeFlags }) })

/** A comparison: ours, and rivals that could be built, each with the ratio that is asked of it. */
interface Contest {
  readonly ours: CellSpec
  readonly rivals: readonly {
    readonly cell: CellSpec; readonly target: string; readonly op: '<=' | '>='; readonly limit: number,
  }[]
  readonly unit: 'ns' | 'ms'
}

/** `ours` over the rival's time where less is asked, the rival's over ours where more is. */
const targetsOf = (samples: Samples, { ours, rivals }: Contest): Target[] =>
  rivals.map(({ cell, target: name, op, limit }) => {
    const found = op === '<=' ? ratio(samples, ours.name, cell.name) : ratio(samples, cell.name, ours.name)
    return target(name, found, op, limit)
  })

const rival = (name: string, args: RivalArgs): CellSpec => spec(name, 'rival', args)

const decisions = ({ name, path }: PolicyData, kind: 'guided' | 'uniform', has: ReadonlySet<Rival>): Contest => {
  const file = `${name}-${kind}`
  const ours = spec<AvArgs>(`compute_av ${file}`, 'av', { policy: name, tuples: file })
  const sepol = rival(`compute_av ${file}, libsepol`, {
    program: 'sepol', args: ['av', path, dataPath(`${file}.contexts`), dataPath(`${file}.tuples`)], bestOf: 3,
  })
  const lean = rival(`compute_av ${file}, lean C`, { program: 'lean', args: [dataPath(`${file}.lean`)], bestOf: 3 })
  const asked = kind === 'guided' && name === 'default'
  return {
    ours, unit: 'ns',
    rivals: [
      ...(has.has('sepol') ? [
        { cell: sepol, target: `over-libsepol-${file}`, op: '>=' as const, limit: asked ? 20 : 10 },
      ] : []),
      ...(has.has('lean') ? [
        { cell: lean, target: `over-lean-c-${file}`, op: '>=' as const, limit: asked ? 8 : 4 },
      ] : []),
    ],
  }
}

const cache = (keys: number, limit: number, has: ReadonlySet<Rival>): Contest => ({
  ours: spec<AvcArgs>(`avc hit, ${keys} keys`, 'avc', { keys }),
  unit: 'ns',
  rivals: has.has('selinux-avc')
    ? [{
      cell: rival(`avc hit, ${keys} keys, libselinux`, { program: 'selinux-avc', args: [String(keys)], bestOf: 3 }),
      target: `avc-${keys}-of-libselinux`, op: '<=', limit,
    }]
    : [],
})

const loading = ({ name, path }: PolicyData, has: ReadonlySet<Rival>): Contest => ({
  ours: spec<PolicyLoadArgs>(`load ${name}`, 'policy-load', { policy: name }, ['--expose-gc']),
  unit: 'ms',
  rivals: has.has('sepol')
    ? [{
      cell: rival(`load ${name}, libsepol`, { program: 'sepol', args: ['load', path] }),
      target: `load-of-libsepol-${name}`, op: '<=', limit: 1.5,
    }]
    : [],
})

const files = (has: ReadonlySet<Rival>): Contest => ({
  ours: spec('file_contexts', 'files', null),
  unit: 'ns',
  rivals: has.has('selinux-files')
    ? [{
      cell: rival(
        'file_contexts, libselinux',
        { program: 'selinux-files', args: [dataPath('file_contexts'), dataPath('paths')], bestOf: 3 },
      ),
      target: 'file-contexts-over-libselinux', op: '>=', limit: 4,
    }]
    : [],
})

const compiling = (modules: readonly string[], has: ReadonlySet<Rival>): Contest => {
  const args = ['-m', '-N', '-M', '1', '-c', '34', '-o', '/dev/null', '-f', '/dev/null', ...modules]
  const theirs = spec<ProgramArgs>('compile CIL, secilc', 'program', { command: 'secilc', args })
  return {
    ours: spec('compile CIL', 'cil', null),
    unit: 'ms',
    rivals: has.has('secilc') ? [{ cell: theirs, target: 'cil-of-secilc', op: '<=', limit: 1 }] : [],
  }
}

const queries = ({ name, path }: PolicyData, has: ReadonlySet<Rival>): Contest => {
  const script = fileURLToPath(new URL('./rivals/queries.py', import.meta.url))
  const theirs = rival(
    'rule query, setools', { program: PYTHON, args: [script, path, dataPath('queries.json')] },
  )
  return {
    ours: spec<QueryArgs>('rule query', 'query', { policy: name }),
    unit: 'ms',
    rivals: has.has('setools') ? [{ cell: theirs, target: 'queries-over-setools', op: '>=', limit: 20 }] : [],
  }
}

/** seinfoflow's graph of Debian's policy takes minutes to make; only questions are measured. */
const flows = ({ name, path }: PolicyData, has: ReadonlySet<Rival>): Contest => {
  const script = fileURLToPath(new URL('./rivals/flows.py', import.meta.url))
  const args = [script, path, dataPath('flows.json'), dataPath('permission-map')]
  const theirs = rival('information flow, setools', { program: PYTHON, args })
  return {
    ours: spec<FlowArgs>('information flow', 'flow', { policy: name }),
    unit: 'ms',
    rivals: has.has('setools') ? [{ cell: theirs, target: 'flows-over-setools', op: '>=', limit: 20 }] : [],
  }
}

/** Passes of seconds: twenty pairs in all. */
const LONG: Effort = { rounds: 2, passes: 10, warmUp: 1 }

/** Contests one after another, so that the machine's two or four cores are not fought for by twenty processes. */
const run = async (
  contests: readonly Contest[], effort: Effort,
): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const cells: CellResult[] = []
  const targets: Target[] = []
  for (const contest of contests) {
    const samples = await measure([contest.ours, ...contest.rivals.map(({ cell }) => cell)], effort)
    cells.push(...cellsOf(samples, contest.unit, contest.unit === 'ms' ? 1e-6 : 1))
    targets.push(...targetsOf(samples, contest))
  }
  return { cells, targets }
}

/** Contests whose checksums differ: somebody answered something else. */
const disagreeing = async (contests: readonly Contest[]): Promise<Target> => {
  let differ = 0
  for (const { ours, rivals } of contests) {
    await withCells([ours, ...rivals.map(({ cell }) => cell)], async (cells) => {
      const sums = await Promise.all(cells.map((cell) => cell.ask<number>('sum')))
      if (new Set(sums).size > 1) differ++
    })
  }
  return exact('answers-that-differ', differ, 0)
}

const space = async ({ ours }: Contest, effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const [megabytes, first]: [number[], number[]] = [[], []]
  for (let round = 0; round < effort.rounds; round++) {
    await withCells([ours], async ([cell]) => {
      first.push((await cell!.ask<number>('first')) / 1e6)
      megabytes.push(await cell!.ask<number>('space'))
    })
  }
  return {
    cells: [
      { name: 'memory of a loaded policy', unit: 'MB', ...figure(megabytes) },
      { name: `${ours.name}, first of a process`, unit: 'ms', ...figure(first) },
    ],
    targets: [target('memory-of-a-loaded-policy-mb', figure(megabytes), '<=', 60)],
  }
}

/** Later modules of a process, behind the first: its code is compiled by then. */
const LATER = 4

/** The first module of a process, which is what a command takes, and the fastest of later ones. */
const linking = async (main: PolicyData, effort: Effort): Promise<{ cells: CellResult[]; targets: Target[] }> => {
  const [first, later]: [number[], number[]] = [[], []]
  const ours = spec<LinkArgs>('module onto a binary policy', 'link', { policy: main.name })
  for (let round = 0; round < effort.rounds; round++) {
    await withCells([ours], async ([cell]) => {
      first.push((await cell!.ask<number>('first')) / 1e6)
      const passes: number[] = []
      for (let i = 0; i < LATER; i++) passes.push(...await cell!.pass())
      later.push(Math.min(...passes) / 1e6)
    })
  }
  return {
    cells: [
      { name: `${ours.name}, first of a process`, unit: 'ms', ...figure(first) },
      { name: `${ours.name}, a later one`, unit: 'ms', ...figure(later) },
    ],
    targets: [target('module-onto-a-binary-policy-ms', figure(first), '<=', 1000)],
  }
}

/** What takes minutes; --quick leaves it out. */
const slow = async (main: PolicyData, has: ReadonlySet<Rival>, progress: (line: string) => void) => {
  const modules = prepareCil()
  if (modules.length === 0) progress('CIL: Debian\'s modules are not at hand, left out')
  progress('measuring the compiler and queries')
  return run([...(modules.length === 0 ? [] : [compiling(modules, has)]), queries(main, has), flows(main, has)], LONG)
}

export const selinux: Bench = async ({ quick, progress }) => {
  const effort = quick ? QUICK : NORMAL
  progress('preparing')
  const policies = preparePolicies(quick ? ['default'] : ['default', 'mls'], quick ? FEW : MANY)
  for (const { name, from } of policies) progress(`policy ${name}: ${from}`)
  const labels = prepareFileContexts(quick ? FEW : MANY)
  progress(`file contexts: ${labels ?? 'none at hand, left out'}`)
  const has = buildRivals()
  for (const program of ['lean', 'sepol', 'selinux-avc', 'selinux-files', 'secilc', 'setools'] as const) {
    if (!has.has(program)) progress(`without the rival ${program}, which is not here: its targets are left out`)
  }
  const [main] = policies
  const answered = [
    ...policies.flatMap((policy) => [decisions(policy, 'guided', has), decisions(policy, 'uniform', has)]),
    ...(labels === null ? [] : [files(has)]),
  ]
  if (quick) progress('--quick: the compiler and queries are left out')
  const loads = loading(main!, has)
  progress('measuring')
  const timed = await run([...answered, cache(100, 1.5, has), cache(1000, 1, has)], effort)
  // What the first load of a process takes has a cell of its own.
  const loaded = await run([loads], { ...effort, warmUp: 10 })
  const base = await measure([calibration], { ...effort, passes: 6, warmUp: 1 })
  const long = quick ? { cells: [], targets: [] } : await slow(main!, has, progress)
  progress('memory and answers')
  const kept = await space(loads, effort)
  const linked = await linking(main!, effort)
  const agreed = await disagreeing(quick ? answered : [...answered, queries(main!, has), flows(main!, has)])
  const cells = [...cellsOf(base, 'ns'), ...timed.cells, ...loaded.cells, ...long.cells, ...kept.cells,
    ...linked.cells]
  return benchResult('selinux', cells,
    [...timed.targets, ...loaded.targets, ...long.targets, ...kept.targets, ...linked.targets, agreed])
}
