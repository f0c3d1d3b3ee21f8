/**
 * The cost of native programs behind the host's walls: `lsm exec -- true` beside Node's own spawn, a start by
 * `box.exec`, a build of a small project beside the same build without a box, and calls under a watch. `lsm` is that of
 * packed packages in an empty folder. Needs Landlock.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RUSAGE_CHILDREN, RUSAGE_SELF } from '@lsmkit/abi'
import { createNativeBox, nativePreset, openWatch, systemFiles, systemPrograms } from '@lsmkit/native'
import type { Bench } from '../harness/bench.ts'
import { benchResult, target } from '../harness/result.ts'
import { figure } from '../harness/stats.ts'
import type { Figure } from '../harness/stats.ts'
import { OutsideFolder } from '../outside/folder.ts'
import { processorTime, watchedCalls } from './watched.ts'

const SPAWN = 'require("node:child_process").spawnSync("true")'
/** Of Node's own spawn, and milliseconds beside it. */
const FACTOR = 1.3
const BESIDE = 60
const BUILD = 1.03
const WATCHED_BUILD = 1.3
const FILES = 60

const ROOT = join(import.meta.dirname, '../../..')
const ownNode = { path: process.execPath, version: process.version, major: Number.parseInt(process.versions.node, 10) }

/** Milliseconds of a command, by the clock and of the processor. Throws for one that fails. */
const timed = (program: string, args: readonly string[], cwd: string): { wall: number; processor: number } => {
  const [start, before] = [performance.now(), processorTime(RUSAGE_CHILDREN)]
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  const time = { wall: performance.now() - start, processor: processorTime(RUSAGE_CHILDREN) - before }
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return time
}

/**
 * Modules of TypeScript that import each other. The folder for packages is where the preset keeps the compiler's
 * compiled code; without a box it lies in the folder for temporary files.
 */
const writeProject = (folder: string): void => {
  for (const name of ['src', 'node_modules']) mkdirSync(join(folder, name))
  for (let i = 0; i < FILES; i++) {
    const from = i === 0 ? '' : `import { value${i - 1} } from './m${i - 1}.js'\n`
    const body = `export interface Row${i} { readonly name: string; readonly rows: readonly number[] }
export const value${i} = (row: Row${i}): number => row.rows.reduce((a, b) => a + b, ${i})\n`
    const uses = i === 0 ? '' : `export const both${i} = value${i - 1}({ name: 'x', rows: [1, 2] }) + 1\n`
    writeFileSync(join(folder, `src/m${i}.ts`), from + body + uses)
  }
  const compilerOptions = {
    target: 'es2022', module: 'nodenext', strict: true, rootDir: 'src', outDir: 'out', types: [],
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
}

/** Milliseconds of the processor of a build, and of the thread that watches it. */
const watchedBuild = async (
  box: ReturnType<typeof createNativeBox>, [program, script]: readonly [string, string], cwd: string,
): Promise<number> => {
  const watch = await openWatch()
  const before = processorTime(RUSAGE_SELF)
  const { status, stdout, usage } = await box.exec(program, [script], { cwd, watch })
  await watch.end()
  if (status !== 0) throw new Error(`the build under a watch ended with ${status}: ${stdout}`)
  return usage.user + usage.system + processorTime(RUSAGE_SELF) - before
}

export const nativeBench: Bench = async ({ quick, progress }) => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-bench-native-')))
  const outside = new OutsideFolder()
  try {
    progress('packages, packed and installed')
    outside.install(ownNode)
    const folder = join(top, 'project')
    mkdirSync(folder)
    writeProject(folder)
    const [starts, builds] = quick ? [12, 6] : [40, 24]
    const node = process.execPath
    progress(`${starts} starts`)
    const spawns: number[][] = []
    const boxes: number[] = []
    const exec = systemPrograms()
    const small = createNativeBox({ allow: { read: [...exec, ...systemFiles()], exec } })
    for (let i = -2; i < starts; i++) {
      const spawn = timed(node, ['-e', SPAWN], folder)
      const ours = timed(node, [outside.lsm, 'exec', '--preset', 'git', '--', 'true'], folder)
      const start = performance.now()
      await small.exec('true')
      const box = performance.now() - start
      // the first ones fill caches
      if (i < 0) continue
      spawns.push([
        spawn.wall, ours.wall, spawn.processor, ours.processor, ours.processor - FACTOR * spawn.processor,
      ])
      boxes.push(box)
    }
    progress(`${builds} builds`)
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc6')
    const { policy, accept } = nativePreset('npm', { folder })
    const walled = createNativeBox(
      { ...policy, allow: { ...policy.allow, read: [...policy.allow?.read ?? [], join(ROOT, 'node_modules')] } },
      { accept })
    const processor: number[] = []
    const watched: number[] = []
    for (let i = -1; i < builds; i++) {
      const plain = timed(node, [tsc], folder).processor
      const behind = await walled.exec(node, [tsc], { cwd: folder })
      if (behind.status !== 0) throw new Error(`the build ended with ${behind.status}: ${behind.stdout}`)
      const under = await watchedBuild(walled, [node, tsc], folder)
      if (i < 0) continue
      processor.push((behind.usage.user + behind.usage.system) / plain)
      watched.push(under / plain)
    }
    progress('calls under a watch')
    const [calls, callTargets] = await watchedCalls(top, quick ? 2 : 6)
    const column = (at: number): Figure => figure(spawns.map((row) => row[at]!))
    const [beyond, build, underWatch] = [column(4), figure(processor), figure(watched)]
    return benchResult('native', [
      { name: 'node that spawns true', unit: 'ms', ...column(0) },
      { name: 'lsm exec -- true', unit: 'ms', ...column(1) },
      { name: 'node that spawns true, processor time', unit: 'ms', ...column(2) },
      { name: 'lsm exec -- true, processor time', unit: 'ms', ...column(3) },
      { name: "box.exec('true')", unit: 'ms', ...figure(boxes) },
      { name: 'a build in a box, over one without, processor time', unit: '×', ...build },
      { name: 'a build under a watch, over one without a box, processor time', unit: '×', ...underWatch },
      ...calls,
    ], [
      target(`lsm exec -- true beyond ${FACTOR} of node's own spawn, ms of the processor`, beyond, '<=', BESIDE),
      target('a build in a box, over one without', build, '<=', BUILD),
      target('a build under a watch, over one without a box', underWatch, '<=', WATCHED_BUILD),
      ...callTargets,
    ])
  } finally {
    outside.remove()
    rmSync(top, { recursive: true, force: true })
  }
}
