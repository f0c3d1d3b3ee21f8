/** The packages of lsmkit, and those that stand on its core, as they are installed for a project. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly keywords?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Installed {
  readonly name: string
  readonly version: string
  /** Links resolved. */
  readonly folder: string
  readonly manifest: Manifest
}

export const CORE = '@lsmkit/core'
/** The npm keyword of modules. */
export const MODULE_KEYWORD = 'lsmkit-module'

/** Null for a folder without a manifest that can be read. */
export const manifestOf = (folder: string): Manifest | null => {
  try {
    const value = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as unknown
    return typeof value === 'object' && value !== null ? value as Manifest : null
  } catch {
    return null
  }
}

/** The folder and its parents. */
export const upwards = (folder: string): string[] => {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...upwards(above)]
}

/** The nearest folder with a manifest; null outside of any package. */
export const ownFolder = (cwd: string): string | null =>
  upwards(cwd).find((folder) => existsSync(join(folder, 'package.json'))) ?? null

/** A package as Node finds it from a folder; null where it is not installed. */
export const installedFor = (from: string, name: string): Installed | null => {
  for (const folder of upwards(from)) {
    const at = join(folder, 'node_modules', name)
    const manifest = manifestOf(at)
    if (manifest !== null) return { name, version: manifest.version ?? 'unknown', folder: realpathSync(at), manifest }
  }
  return null
}

const namesIn = (folder: string): string[] => {
  let entries: string[]
  try {
    entries = readdirSync(folder)
  } catch {
    return []
  }
  return entries.filter((name) => !name.startsWith('.')).flatMap((name) =>
    name.startsWith('@') ? namesIn(join(folder, name)).map((bare) => `${name}/${bare}`) : [name])
}

export const standsOnCore = ({ dependencies, peerDependencies }: Manifest): boolean =>
  dependencies?.[CORE] !== undefined || peerDependencies?.[CORE] !== undefined

const isRelated = ({ name, manifest }: Installed): boolean =>
  name.startsWith('@lsmkit/') || name === 'create-lsmkit' || standsOnCore(manifest) ||
  (Array.isArray(manifest.keywords) && manifest.keywords.includes(MODULE_KEYWORD))

/** The packages that a project can import, by name. */
export const relatedPackages = (cwd: string): Installed[] => {
  const names = new Set(upwards(cwd).flatMap((folder) => namesIn(join(folder, 'node_modules'))))
  return [...names].sort().flatMap((name) => installedFor(cwd, name) ?? []).filter(isRelated)
}

/** A copy of core, and the names of the packages that load it. */
export interface CoreUse {
  readonly core: Installed
  readonly by: string[]
}

/** Every copy of core that one of these would load, by its folder. */
export const coresOf = (cwd: string, packages: readonly Installed[]): Map<string, CoreUse> => {
  const found = new Map<string, CoreUse>()
  const users = packages.filter(({ name, manifest }) => name !== CORE && standsOnCore(manifest))
  const add = (core: Installed | null, user: string): void => {
    if (core === null) return
    const entry = found.get(core.folder) ?? { core, by: [] }
    entry.by.push(user)
    found.set(core.folder, entry)
  }
  add(installedFor(cwd, CORE), 'your project')
  for (const { name, folder } of users) add(installedFor(folder, CORE), name)
  return found
}

/** The module ABI of a copy of core; null where it cannot be loaded. */
export const abiOf = (core: Installed): string | null => {
  try {
    const own = createRequire(join(core.folder, 'package.json'))(`${CORE}/module-abi`) as { moduleAbi?: unknown }
    return typeof own.moduleAbi === 'string' ? own.moduleAbi : null
  } catch {
    return null
  }
}
