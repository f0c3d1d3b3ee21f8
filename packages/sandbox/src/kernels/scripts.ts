/**
 * The scripts that `scripts/kernels.mjs` makes of the worker and of the packages it stands on, with the code that V8
 * compiled for an earlier process. Under Node they start sooner than the packages: in the thread of kernels, and in
 * the thread of an inline box.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { joinPieces, KeptFiles, KeptPieces, Scratch } from '@lsmkit/wasi/kept-files'
import type { KeepCode, Stage } from './keep-code.ts'

/** Of the text of all scripts, put in when they were made. */
declare const SCRIPTS_ID: string
/** JSON: the packages that the scripts are made of, and their versions. */
declare const VERSIONS: string

/** JSON: the file that a script lies in with others; the rest have files of their own. */
declare const FILE_OF: string

/** Inline boxes run the same scripts as the thread of kernels, but fewer: each place keeps code of its own stages. */
type Place = 'thread' | 'inline'

/** The first line of a file. */
interface Head {
  readonly stages: readonly `${Place} ${Stage}`[]
}

/** Milliseconds after which V8 may have dropped code of the start. */
const FRESH = 20_000
/** V8 takes only code that was made under the same options: so many sets of options have a file each. */
const FILES = 4

const folder = join(__dirname, 'kernels')
const fileOf = new Map(JSON.parse(FILE_OF) as readonly (readonly [script: string, file: string])[])

/** A number for the options that V8 may have. */
const optionsNumber = (): number => {
  const text = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return [...text].reduce((sum, unit) => (sum * 31 + unit.charCodeAt(0)) >>> 0, 0) % FILES
}

const NOTHING: Head = { stages: [] }

const started = performance.now()

class Kept {
  readonly #files = process.env.NODE_DISABLE_COMPILE_CACHE === undefined
    ? new KeptFiles(`${SCRIPTS_ID}-${process.version}-${process.arch}`, __dirname, 'kernels')
    : null
  readonly #file = `code-${optionsNumber()}`
  readonly #place: Place
  readonly #stages: Set<Head['stages'][number]>
  readonly #pieces: KeptPieces<Head>
  readonly #compiled = new Map<string, Script>()
  #isOfUse = true

  constructor(place: Place) {
    this.#place = place
    this.#pieces = this.#open()
    this.#stages = new Set(this.#pieces.head.stages)
  }

  /** The file as it is now. */
  #open(): KeptPieces<Head> {
    return new KeptPieces(this.#isOfUse ? this.#files?.open(this.#file, new Scratch()) : undefined, NOTHING)
  }

  /** The file of scripts with its code. */
  file(name: string): Script {
    const filename = join(folder, name)
    const cachedData = this.#pieces.read(name)
    const options = cachedData === undefined ? {} : { cachedData }
    const script = new Script(readFileSync(filename, 'latin1'), { filename, ...options })
    if (script.cachedDataRejected === true) {
      this.#isOfUse = false
      this.#stages.clear()
    }
    this.#compiled.set(name, script)
    return script
  }

  readonly keep: KeepCode = (stage) => {
    const own = `${this.#place} ${stage}` as const
    if (this.#stages.has(own) || performance.now() - started > FRESH) return
    this.#stages.add(own)
    this.#files?.write(this.#file, () => {
      const made = [...this.#compiled].map(([name, script]) => [name, script.createCachedData()] as const)
      const before = this.#open()
      const others = before.except(new Set(this.#compiled.keys()))
      before.close()
      return joinPieces({ stages: [...this.#stages] }, [...others, ...made])
    })
  }
}

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
export const areAsBuilt = (): boolean => {
  const versions = JSON.parse(VERSIONS) as readonly (readonly [name: string, version: string])[]
  try {
    return versions.every(([name, version]) => versionOf(name) === version)
  } catch {
    return false
  }
}

/** Where a built file of a package is. */
export const fileUrl = (name: string, file: string): string =>
  pathToFileURL(join(dirname(require.resolve(`@lsmkit/${name}/package.json`)), 'dist', file)).href
/** What `import.meta.url` is to a module of a package: its threads are beside it. */
const moduleUrl = (name: string): string => fileUrl(name, 'index.js')
export const importModule = (name: string): Promise<object> => import(name) as Promise<object>

type Body = (exports: object, ask: (name: string) => unknown, ...more: readonly unknown[]) => void

type Bodies = ReadonlyMap<string, Body>

export class Scripts {
  readonly #kept: Kept
  readonly #files = new Map<string, Bodies>()
  /** The exports of each script, by its name. */
  readonly #loaded: Map<string, object>

  /** `loaded`: exports of modules that the scripts are to use in place of some of their own. */
  constructor(place: Place, loaded: Iterable<readonly [script: string, exports: object]> = []) {
    this.#kept = new Kept(place)
    this.#loaded = new Map(loaded)
  }

  /** The exports of a script. */
  load(name: string): object {
    const found = this.#loaded.get(name)
    if (found !== undefined) return found
    const exports = {}
    this.#loaded.set(name, exports)
    const ask = (one: string): unknown => (one.startsWith('./') ? this.load(one.slice(2)) : require(one) as unknown)
    const body = this.#bodies(fileOf.get(name) ?? name).get(name)!
    body(exports, ask, moduleUrl, importModule, this.#kept.keep)
    return exports
  }

  #bodies(file: string): Bodies {
    const found = this.#files.get(file)
    if (found !== undefined) return found
    const made = new Map(Object.entries(this.#kept.file(file).runInThisContext() as Readonly<Record<string, Body>>))
    this.#files.set(file, made)
    return made
  }
}
