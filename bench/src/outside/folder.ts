/** A folder outside the clone with the packages as users get them: packed, and installed by plain npm. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packAll } from '../../../scripts/pack.mjs'
import { callersEnv } from '../../../scripts/tools.mjs'
import { envOf, nodeOf } from '../../../scripts/publish/nodes.mjs'

/** A Node that the packages are timed under. */
export interface TimedNode {
  readonly path: string
  readonly version: string
  readonly major: number
}

/** Those of the list that are at hand, or that npm has for this platform. */
export const nodesOf = async (majors: readonly number[]): Promise<TimedNode[]> =>
  (await Promise.all(majors.map((major) => nodeOf(major) as Promise<TimedNode | null>))).filter((one) => one !== null)

/** A package, in the version that the clone tests with. */
const tested = (name: string, folder: string): string => {
  const manifest = new URL(`../../../${folder}/node_modules/${name}/package.json`, import.meta.url)
  return `${name}@${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`
}

const programs = fileURLToPath(new URL('./programs/', import.meta.url))
const fromWasi = ['guest/hello.wasm', 'node-hello.mjs'].map((name) =>
  fileURLToPath(new URL(`../wasi/${name}`, import.meta.url)))

/** The end of a program's run. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from its start to its end. */
  readonly wall: number
  /** Milliseconds of the processor that it reported; NaN for one that did not. */
  readonly cpu: number
}

/** The caller's variables, except those that change how Node or the command runs. */
const env = Object.fromEntries(Object.entries(callersEnv() as NodeJS.ProcessEnv)
  .filter(([name]) => !/^(?:NODE_.*|INIT_CWD|XDG_CACHE_HOME)$/.test(name)))

export class OutsideFolder {
  readonly #root = mkdtempSync(join(tmpdir(), 'lsmkit-outside-'))
  /** Where the packages are installed, with the programs beside them. */
  readonly path = join(this.#root, 'project')
  readonly lsm = join(this.path, 'node_modules/@lsmkit/cli/dist/lsm.cjs')

  /** The packages must be built. Throws if npm cannot install them. */
  install(node: TimedNode): this {
    const packs = join(this.#root, 'packs')
    mkdirSync(packs)
    mkdirSync(this.path)
    writeFileSync(join(this.path, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    const tarballs = (packAll(packs) as { file: string }[]).map(({ file }) => file)
    const { status, stdout, stderr } = spawnSync(
      'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs, tested('just-bash', 'bench'),
        tested('koffi', 'packages/native')],
      { cwd: this.path, env: envOf(node, callersEnv()), encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`npm install ended with ${status}:\n${stdout}${stderr}`)
    const own = readdirSync(programs).map((name) => join(programs, name))
    for (const file of [...own, ...fromWasi]) copyFileSync(file, join(this.path, basename(file)))
    return this
  }

  /** Runs a program in the folder, with `home` as the user's. */
  run(node: TimedNode, args: readonly string[], home: string): Ended {
    const start = performance.now()
    const { status, output } = spawnSync(
      node.path, ['--disable-warning=ExperimentalWarning', '--require', './report-cpu.cjs', ...args],
      { cwd: this.path, env: { ...env, HOME: home }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    )
    const wall = performance.now() - start
    const [, stdout = '', stderr = '', cpu = ''] = output as (string | undefined)[]
    return { status, stdout: stdout ?? '', stderr: stderr ?? '', wall, cpu: Number.parseFloat(cpu ?? '') }
  }

  /** A state in which nothing is left of any run. Answers an empty home. */
  forget(): string {
    rmSync(join(this.path, 'node_modules/.cache'), { recursive: true, force: true })
    return this.newHome()
  }

  /** An empty home. */
  newHome(): string {
    return mkdtempSync(join(this.#root, 'home-'))
  }

  /** A home that nobody can write, not even root: there is no folder. */
  readonly noHome = '/dev/null'

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}
