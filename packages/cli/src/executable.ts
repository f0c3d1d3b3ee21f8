/**
 * The executable of the package: `lsm`. It runs the scripts that `scripts/bundle.mjs` makes of the command, with the
 * code that V8 compiled when the same command was run before. It is CommonJS, because Node starts that sooner.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { readAll, Scratch } from '@lsmkit/wasi/kept-files'
import { keptCode } from './kept-code.ts'
import type * as command from './command.ts'
import { EXIT } from './output.ts'

/** Of the text of all scripts, put in when they were made. */
declare const COMMAND_ID: string
/**
 * JSON: pairs of a script and the file that it lies in, where that has another name. A script that is read sooner than
 * it is opened lies with others.
 */
declare const PLACES: string

const folder = join(__dirname, 'command')
const args = process.argv.slice(2)
const scratch = new Scratch()
const kept = keptCode(COMMAND_ID, args[0], __dirname, scratch)

/** The text of a file whose characters are bytes. */
const textOf = (path: string): string => {
  const fd = openSync(path, 'r')
  try {
    const bytes = scratch.take(fstatSync(fd).size)
    readAll(fd, bytes)
    return bytes.toString('latin1')
  } finally {
    closeSync(fd)
  }
}

/** A script: it answers what it exports. */
type Body = (...given: readonly unknown[]) => unknown

/** What a script exports, by its name. */
const loaded = new Map<string, unknown>()
const bodies = new Map<string, Body>()
const compiled = new Map<string, Script>()
let wasRejected = false

/** Finds the scripts of a file. */
const read = (file: string): void => {
  const filename = join(folder, file)
  const text = textOf(filename)
  const cachedData = kept.read(file)
  const script = new Script(text, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  if (script.cachedDataRejected === true) wasRejected = true
  compiled.set(file, script)
  const [names, found] = script.runInThisContext() as readonly [readonly string[], readonly Body[]]
  names.forEach((name, i) => bodies.set(name, found[i]!))
}

const places = new Map(JSON.parse(PLACES) as readonly (readonly [script: string, file: string])[])
const bodyOf = (name: string): Body => {
  if (!bodies.has(name)) read(places.get(name) ?? name)
  return bodies.get(name)!
}

/** Scripts stand in no circle: the bundler puts what needs one another into one. */
const load = (name: string): unknown => {
  if (!loaded.has(name)) {
    loaded.set(name, bodyOf(name)(load, loadLater, lazyNamespace, require, moduleUrl, importModule))
  }
  return loaded.get(name)
}
/** Of a package beside, or of a module of the user: a script that was compiled before cannot import by itself. */
const importModule = (name: string): Promise<unknown> => import(name)
const loadLater = async (name: string): Promise<unknown> => load(name)

/** What `import.meta.url` is to a module of a package: its workers and programs are those of the package itself. */
const moduleUrl = (name: string): string => {
  const place = name === 'cli' ? __dirname : join(dirname(require.resolve(`@lsmkit/${name}/package.json`)), 'dist')
  return pathToFileURL(join(place, 'index.js')).href
}

/** The object of `import * as …`, filled when somebody looks at it. */
const lazyNamespace = (getters: () => Readonly<Record<string, () => unknown>>): object => {
  const target = {}
  let isFilled = false
  const fill = (): void => {
    isFilled = true
    for (const [name, get] of Object.entries(getters())) Object.defineProperty(target, name, { get, enumerable: true })
  }
  const trap = (_: object, name: keyof typeof Reflect): unknown => {
    if (!isFilled) fill()
    return Reflect[name]
  }
  return new Proxy(target, new Proxy({}, { get: trap as never }))
}

const run = async (): Promise<number> => {
  const { processIo, runLsm } = load('command.js') as typeof command
  const code = await runLsm(processIo(), args)
  if (code !== EXIT.usage) {
    const { user, system } = process.cpuUsage()
    kept.add({
      parts: [...loaded.keys()], status: code, worked: (user + system) / 1000, wasRejected,
      // to load that module takes time that few runs need to spend
      bytecode: () => process.getBuiltinModule('node:v8').getHeapCodeStatistics().bytecode_and_metadata_size,
    }, () => [...compiled].map(([name, script]) => [name, script.createCachedData()]))
  }
  return code
}

// all has been written by now, and to leave the loop running would be a collection of garbage that nobody needs
void run().then((code) => process.exit(code))
