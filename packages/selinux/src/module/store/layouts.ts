/** Reads stores from files: libsemanage's layout and our own. */
import { anArrayOf, isRecord } from './json-shape.ts'
import { ModuleStore, StoreError } from './store.ts'
import type { ModuleLanguage, StoredModule } from './store.ts'

/** The files of a store; paths are relative to its folder, with `/`. Packed files come unpacked. */
export interface StoreFiles {
  /** Names in a folder; null where there is no such folder. */
  readonly list: (path: string) => readonly string[] | null
  /** Null where there is no such file. */
  readonly read: (path: string) => Uint8Array | null
}

export const STORE_FILE = 'store.json'
const FORMAT = 1
/** A policy has a few hundred. */
const MOST_MODULES = 10_000
/** Where libsemanage keeps what is in force, from the folder of a policy, and from that folder itself. */
const ROOTS = ['', 'active/'] as const

/** The store in these files. Throws StoreError. */
export const readStore = (files: StoreFiles): ModuleStore => {
  const list = files.read(STORE_FILE)
  if (list !== null) return readOwn(list, files)
  const root = ROOTS.find((path) => files.list(`${path}modules`) !== null)
  if (root === undefined) {
    // nothing lies in it yet
    if (files.list('')?.length === 0) return new ModuleStore({ modules: [], disabled: [] })
    throw new StoreError('not-a-store', 'this is not a store of modules', {
      hint: `one has ${STORE_FILE} or a folder modules, as /var/lib/selinux/default/active`,
    })
  }
  return readSemanage(files, root)
}

const readSemanage = (files: StoreFiles, root: string): ModuleStore => {
  const folder = `${root}modules`
  const modules: StoredModule[] = []
  for (const priority of files.list(folder) ?? []) {
    if (!/^\d{1,3}$/.test(priority)) continue
    for (const name of files.list(`${folder}/${priority}`) ?? []) {
      modules.push(semanageModule(files, `${folder}/${priority}/${name}`, name, Number(priority)))
      limit(modules)
    }
  }
  return new ModuleStore({
    modules, disabled: files.list(`${folder}/disabled`) ?? [],
    disableDontaudit: files.read(`${root}disable_dontaudit`) !== null,
    preserveTunables: files.read(`${root}preserve_tunables`) !== null,
    local: localFiles(files, root),
  })
}

/** Both layouts keep them in the folder of the store's settings. */
const isLocal = (name: string): boolean => /^[\w-]+\.local$/.test(name) || name === 'file_contexts.subs'

const localFiles = (files: StoreFiles, root: string): ReadonlyMap<string, Uint8Array> => {
  const names = (files.list(root.slice(0, -1)) ?? []).filter(isLocal).sort()
  return new Map(names.map((name) => [name, present(files, `${root}${name}`)]))
}

/** CIL where libsemanage has made it; else the package, which is all there is of a module that was never built. */
const semanageModule = (files: StoreFiles, path: string, name: string, priority: number): StoredModule => {
  const held = new Set(files.list(path))
  const said = files.read(`${path}/lang_ext`)
  const language = said === null ? '' : new TextDecoder().decode(said).trim()
  if (held.has('cil')) return { name, priority, language: 'cil', read: () => present(files, `${path}/cil`) }
  if (held.has('hll') && (language === 'pp' || language === 'cil')) {
    return { name, priority, language, read: () => present(files, `${path}/hll`) }
  }
  throw new StoreError('bad-language', `module \`${name}\` has no CIL, and is written in ${language || 'nothing'}`, {
    place: path, hint: 'semodule -B makes CIL of each module',
  })
}

const present = (files: StoreFiles, path: string): Uint8Array => {
  const bytes = files.read(path)
  if (bytes === null) throw new StoreError('missing-file', 'the store has no such file', { place: path })
  return bytes
}

const limit = (modules: readonly StoredModule[]): void => {
  if (modules.length > MOST_MODULES) throw new StoreError('bad-store', `more than ${MOST_MODULES} modules`)
}

const bad = (message: string): never => {
  throw new StoreError('bad-store', message, { place: STORE_FILE })
}

const readOwn = (bytes: Uint8Array, files: StoreFiles): ModuleStore => {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    return bad(`it is not JSON: ${(error as Error).message}`)
  }
  if (!isRecord(json)) return bad('it is not an object')
  if (json['format'] !== FORMAT) return bad(`its format is not ${FORMAT}`)
  const modules = anArrayOf(json['modules'], isRecord) ?? bad('`modules` is not a list of objects')
  const disabled = anArrayOf(json['disabled'], isText) ?? bad('`disabled` is not a list of names')
  const read = modules.map((item) => ownModule(item, files))
  limit(read)
  return new ModuleStore({
    modules: read, disabled, disableDontaudit: json['disableDontaudit'] === true,
    preserveTunables: json['preserveTunables'] === true, local: localFiles(files, ''),
  })
}

const isText = (value: unknown): value is string => typeof value === 'string'

const ownModule = (
  { name, priority, language }: Readonly<Record<string, unknown>>, files: StoreFiles,
): StoredModule => {
  if (!isText(name)) return bad('a module has no name')
  if (typeof priority !== 'number') return bad(`module \`${name}\` has no priority`)
  if (language !== 'cil' && language !== 'pp') return bad(`module \`${name}\` is neither \`cil\` nor \`pp\``)
  return { name, priority, language, read: () => present(files, moduleFile({ name, priority, language })) }
}

/** The file of a module in a store of ours. */
export const moduleFile = (
  { name, priority, language }: { readonly name: string; readonly priority: number; readonly language: ModuleLanguage },
): string => `modules/${priority}/${name}.${language}`

/** A store in our layout: paths with their contents. */
export const storeFiles = (store: ModuleStore): ReadonlyMap<string, Uint8Array> => {
  const { modules, disabled, disableDontaudit, preserveTunables, local } = store
  const list = {
    format: FORMAT, modules: modules.map(({ name, priority, language }) => ({ name, priority, language })),
    disabled: [...disabled].sort(), disableDontaudit, preserveTunables,
  }
  return new Map([
    [STORE_FILE, new TextEncoder().encode(`${JSON.stringify(list, null, 2)}\n`)],
    ...modules.map((module) => [moduleFile(module), module.read()] as const),
    ...local,
  ])
}
