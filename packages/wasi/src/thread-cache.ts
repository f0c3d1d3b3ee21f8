/**
 * Compiled code that threads leave to those of later processes: Node keeps it (22.8 and later) in a folder that is
 * named here. A writer of that folder can make threads do anything, so it has to be the user's own.
 */

interface Stats {
  readonly uid: number
  readonly mode: number
}
interface Files {
  mkdirSync(path: string, options: { readonly recursive: true; readonly mode: number }): void
  lstatSync(path: string): Stats
}
/** Node's `process`. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly versions: { readonly node?: string }
  readonly getuid?: () => number
  getBuiltinModule?(name: 'node:fs'): Files
  getBuiltinModule?(name: 'node:os'): { homedir(): string }
  getBuiltinModule?(name: 'node:url'): { fileURLToPath(url: string): string }
}

const WRITABLE_BY_OTHERS = 0o022

interface Folder {
  readonly path: string
  /** The `node_modules` that it lies in, which has to be the user's own too. */
  readonly packages: string | null
}

/** `node_modules/.cache`, where tools keep such things, and the cache folder of the user. */
const foldersFor = (host: Host, module: string): Folder[] => {
  const path = module.startsWith('file:') ? host.getBuiltinModule!('node:url').fileURLToPath(module) : ''
  const [, packages] = /^(.*[/\\]node_modules)[/\\]/.exec(path) ?? []
  const { XDG_CACHE_HOME, LOCALAPPDATA } = host.env
  const given = (host.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME) ?? ''
  const home = given === '' ? `${host.getBuiltinModule!('node:os').homedir()}/.cache` : given
  return [
    ...(packages === undefined ? [] : [{ path: `${packages}/.cache/lsmkit/threads`, packages }]),
    { path: `${home}/lsmkit/threads`, packages: null },
  ]
}

/** Whether the folder is there and the user's own. Windows knows neither numbers of users nor bits. */
const isMade = (host: Host, { path, packages }: Folder): boolean => {
  const { mkdirSync, lstatSync } = host.getBuiltinModule!('node:fs')
  const own = host.getuid?.() ?? null
  try {
    if (own !== null && packages !== null && lstatSync(packages).uid !== own) return false
    mkdirSync(path, { recursive: true, mode: 0o755 })
    const { uid, mode } = lstatSync(path)
    return own === null || (uid === own && (mode & WRITABLE_BY_OTHERS) === 0)
  } catch {
    return false
  }
}

/**
 * The folder for the threads of `module`, the URL of a file of ours; null if Node has no such cache, if the user has
 * settled it otherwise (NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE), or if no folder is the user's own.
 */
export const threadCache = (module: string, host: Host): string | null => {
  const [major = 0, minor = 0] = (host.versions.node ?? '').split('.').map(Number)
  if (host.getBuiltinModule === undefined || major < 22 || (major === 22 && minor < 8)) return null
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = host.env
  if (NODE_COMPILE_CACHE !== undefined || NODE_DISABLE_COMPILE_CACHE !== undefined) return null
  return foldersFor(host, module).find((folder) => isMade(host, folder))?.path ?? null
}
