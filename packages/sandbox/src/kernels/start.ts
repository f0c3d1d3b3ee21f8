/**
 * The first file of the thread of kernels under Node: it runs the scripts that `scripts/kernels.mjs` makes of the
 * worker, with the code that V8 compiled for an earlier process. It is CommonJS, because Node starts that sooner.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { joinPieces, KeptFiles, KeptPieces, Scratch } from '@lsmkit/wasi/kept-files'
import { KEEP_CODE } from './keep-code.ts'
import type { Stage } from './keep-code.ts'

/** Of the text of all scripts, put in when they were made. */
declare const SCRIPTS_ID: string
/** JSON: the packages that the scripts are made of, and their versions. */
declare const VERSIONS: string

/** The first line of a file. */
interface Head {
  readonly stages: readonly Stage[]
}

/** Milliseconds after which V8 may have dropped code of the start. */
const FRESH = 20_000
/** V8 takes only code that was made under the same options: so many sets of options have a file each. */
const FILES = 4

const folder = join(__dirname, 'kernels')

/** A number for the options that V8 may have. */
const optionsNumber = (): number => {
  const text = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return [...text].reduce((sum, unit) => (sum * 31 + unit.charCodeAt(0)) >>> 0, 0) % FILES
}

const compiled = new Map<string, Script>()

const NOTHING: Head = { stages: [] }

class Kept {
  readonly #files = process.env.NODE_DISABLE_COMPILE_CACHE === undefined
    ? new KeptFiles(`${SCRIPTS_ID}-${process.version}-${process.arch}`, __dirname, 'kernels')
    : null
  readonly #file = `code-${optionsNumber()}`
  readonly #stages: Set<Stage>
  readonly #pieces: KeptPieces<Head>
  #isOfUse = true

  constructor() {
    this.#pieces = this.#open()
    this.#stages = new Set(this.#pieces.head.stages)
  }

  /** The file as it is now. */
  #open(): KeptPieces<Head> {
    return new KeptPieces(this.#isOfUse ? this.#files?.open(this.#file, new Scratch()) : undefined, NOTHING)
  }

  /** The script with its code. */
  script(name: string): Script {
    const filename = join(folder, name)
    const cachedData = this.#pieces.read(name)
    const options = cachedData === undefined ? {} : { cachedData }
    const script = new Script(readFileSync(filename, 'latin1'), { filename, ...options })
    if (script.cachedDataRejected === true) {
      this.#isOfUse = false
      this.#stages.clear()
    }
    compiled.set(name, script)
    return script
  }

  readonly keep = (stage: Stage): void => {
    if (this.#stages.has(stage) || performance.now() - started > FRESH) return
    this.#stages.add(stage)
    this.#files?.write(this.#file, () => {
      const made = [...compiled].map(([name, script]) => [name, script.createCachedData()] as const)
      const before = this.#open()
      const others = before.except(new Set(compiled.keys()))
      before.close()
      return joinPieces({ stages: [...this.#stages] }, [...others, ...made])
    })
  }
}

type Body = (exports: object, ask: (name: string) => unknown, ...more: readonly unknown[]) => void

const started = performance.now()

/** Where Node looks for a package of this one: its manifest is there, or `require` finds it elsewhere, and later. */
const places = [join(__dirname, '../node_modules/@lsmkit'), join(__dirname, '../..')]

const versionOf = (name: string): string => {
  const file = places.map((place) => join(place, name, 'package.json')).find((path) => existsSync(path))
  const manifest = file === undefined
    ? require(`@lsmkit/${name}/package.json`) as unknown
    : JSON.parse(readFileSync(file, 'utf8')) as unknown
  return (manifest as { readonly version: string }).version
}

/** Users may have other versions of the packages, with defects that are mended. */
const areAsBuilt = (): boolean => {
  const versions = JSON.parse(VERSIONS) as readonly (readonly [name: string, version: string])[]
  try {
    return versions.every(([name, version]) => versionOf(name) === version)
  } catch {
    return false
  }
}

/** What a script exports, by its name. */
const loaded = new Map<string, object>()

const load = (kept: Kept, name: string): object => {
  const found = loaded.get(name)
  if (found !== undefined) return found
  const exports = {}
  loaded.set(name, exports)
  const ask = (one: string): unknown => (one.startsWith('./') ? load(kept, one.slice(2)) : require(one) as unknown)
  ;(kept.script(name).runInThisContext() as Body)(exports, ask, moduleUrl, importModule)
  return exports
}

/** What `import.meta.url` is to a module of a package: its threads are beside it. */
const moduleUrl = (name: string): string =>
  pathToFileURL(join(dirname(require.resolve(`@lsmkit/${name}/package.json`)), 'dist', 'index.js')).href
const importModule = (name: string): Promise<unknown> => import(name)

if (areAsBuilt()) {
  const kept = new Kept()
  ;(globalThis as Record<symbol, unknown>)[KEEP_CODE] = kept.keep
  load(kept, 'worker.js')
} else {
  void importModule('./worker.js')
}
