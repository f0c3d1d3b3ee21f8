/** Things that only Node has, if this runs under Node: its own modules, and files that the build makes for it. */
interface Scope {
  readonly process?: {
    readonly versions?: Readonly<Record<string, string>>
    readonly getBuiltinModule?: (name: string) => unknown
  }
}

interface FileModule {
  existsSync(path: URL): boolean
}
interface ModuleModule {
  createRequire(from: string): (name: string) => unknown
}

/** A module of Node's own; undefined elsewhere. Runtimes that are like Node have some of them. */
export const builtin = <T>(name: string): T | undefined =>
  (globalThis as Scope).process?.getBuiltinModule?.(name) as T | undefined

/** Of Node, and not of a runtime that is like it. */
const isNode = (): boolean => {
  const { node, bun, deno } = (globalThis as Scope).process?.versions ?? {}
  return node !== undefined && bun === undefined && deno === undefined
}

/** A file that the build puts beside this module. Null where it is not to be had, or this is bundled elsewhere. */
export const builtFile = (name: string): URL | null => {
  if (import.meta.url.endsWith('.ts') || !isNode()) return null
  const url = new URL(name, import.meta.url)
  return builtin<FileModule>('node:fs')?.existsSync(url) === true ? url : null
}

/** The exports of such a file, which is CommonJS. */
export const loadBuilt = (name: string): unknown =>
  builtFile(name) === null ? null : builtin<ModuleModule>('node:module')!.createRequire(import.meta.url)(name)
