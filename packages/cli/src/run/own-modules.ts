/**
 * `--module FILE`: a module of one's own. It imports `@lsmkit/core`, and gets the core of this command, whichever its
 * own folder has: a stack is made of modules of one core.
 */
import * as nodeModule from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as core from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'

const CORE = '@lsmkit/core'
const OURS = 'lsmkit-command:core'
const KEY = Symbol.for('lsmkit.command.core')

interface Hooks {
  readonly resolve: (specifier: string, context: object, next: (specifier: string, context: object) => object) => object
  readonly load: (url: string, context: object, next: (url: string, context: object) => object) => object
}
/** Node 22.15 and later. */
const { registerHooks } = nodeModule as unknown as { registerHooks?: (hooks: Hooks) => { deregister(): void } }

/** As a module: every name that core exports, from the one that is loaded. */
const source = (): string => {
  const names = Object.keys(core).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default')
  return `const core = globalThis[Symbol.for('lsmkit.command.core')]\n` +
    names.map((name) => `export const ${name} = core.${name}`).join('\n')
}

const withOurCore = async <T>(load: () => Promise<T>): Promise<T> => {
  (globalThis as Record<symbol, unknown>)[KEY] = core
  const hooks = registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === CORE ? { url: OURS, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === OURS ? { format: 'module', shortCircuit: true, source: source() } : next(url, context),
  })
  try {
    return await load()
  } finally {
    hooks?.deregister()
  }
}

/** By require where that can be: an import out of a script that `lsm` has kept makes Node warn of it. */
const loaded = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return nodeModule.createRequire(pathToFileURL(path))(path) as Readonly<Record<string, unknown>>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error
    return await import(/* @vite-ignore */ pathToFileURL(path).href) as Readonly<Record<string, unknown>>
  }
}

/** Makes it anew for each stack. */
export type MakeOwn = (options?: object) => Lsm

/**
 * Throws `badInput` for a file that is not a module or cannot be loaded, and a usage error where it exports several.
 */
export const ownModules = async (io: Pick<Io, 'cwd'>, files: readonly string[] = []): Promise<MakeOwn[]> => {
  const made: MakeOwn[] = []
  for (const text of files) made.push(await ownModule(io, text))
  return made
}

const ownModule = async (io: Pick<Io, 'cwd'>, text: string): Promise<MakeOwn> => {
  const [file = '', wanted] = text.split('#')
  const path = resolve(io.cwd, file)
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = await withOurCore(() => loaded(path))
  } catch (error) {
    throw unloaded(path, error)
  }
  const candidates = wanted === undefined
    ? 'default' in exported ? ['default'] : Object.keys(exported).filter((name) => isModule(exported[name]))
    : [wanted]
  const [name, ...others] = candidates
  if (name === undefined || !isModule(exported[name])) {
    throw new CommandError('badInput', `\`${path}\` exports no module${wanted === undefined ? '' : ` \`${wanted}\``}`,
      'a function that gives what defineLsm gives')
  }
  if (others.length > 0) {
    throw new CommandError('usage', `\`${path}\` exports several: ${candidates.join(', ')}`, `--module ${file}#${name}`)
  }
  const value = exported[name]
  return (options) => (typeof value === 'function' ? (value as MakeOwn)(options) : value as Lsm)
}

/** Node says more lines, of its own way to look for it. */
const unloaded = (path: string, error: unknown): CommandError => {
  const [said = ''] = (error instanceof Error ? error.message : String(error)).slice(0, 200).split('\n')
  const isTypeScript = /\.[cm]?ts$/.test(path) && !('typescript' in process.features && process.features.typescript)
  return new CommandError('badInput', `\`${path}\` cannot be loaded: ${said}`,
    isTypeScript ? 'Node 22.18 or newer loads TypeScript' : 'a file of JavaScript or TypeScript that exports it')
}

const isModule = (value: unknown): boolean =>
  typeof value === 'function' || typeof (value as { hooks?: unknown } | null)?.hooks === 'function'
