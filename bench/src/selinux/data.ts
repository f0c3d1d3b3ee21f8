/** The inputs of the bench: a policy, tuples of contexts and classes, paths; on disk, so that rivals have the same. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { defaultPermissionMap, permissionMapText } from '@lsmkit/selinux/flow'
import { SecurityServer } from '@lsmkit/selinux/server'
import { leanData } from './lean-data.ts'
import { madePolicy } from './made-policy.ts'
import { someFlows, someQueries } from './queries.ts'
import { guidedTuples, uniformTuples } from './tuples.ts'
import type { Tuples } from './tuples.ts'

const out = fileURLToPath(new URL('../../out/selinux/', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared/golden/selinux/policies/', import.meta.url))
const installed = '/etc/selinux/default'
/** The folder of the modules' sources. */
export const CIL = 'cil'

export interface PolicyData {
  /** Its name in cells, and where it was found. */
  readonly name: string
  readonly from: string
  /** Of the binary policy. */
  readonly path: string
}

export const readData = (file: string): Buffer => readFileSync(join(out, file))
export const dataPath = (file: string): string => join(out, file)

const read = (path: string): Buffer => {
  const bytes = readFileSync(path)
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

const installedPolicy = (): string[] => {
  const folder = `${installed}/policy`
  return existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []
}

/** Debian's policy if it is at hand, else one of the same size that a generator makes. */
const findPolicy = (name: string, file: string): { from: string; bytes: Uint8Array } | null => {
  for (const path of [join(shared, file), ...(name === 'default' ? installedPolicy() : [])]) {
    if (existsSync(path)) return { from: path, bytes: read(path) }
  }
  return name === 'default' ? { from: 'made for this bench: Debian\'s is not at hand', bytes: madePolicy() } : null
}

const writeTuples = (name: string, { contexts, tuples }: Tuples, server: SecurityServer): void => {
  writeFileSync(join(out, `${name}.contexts`), `${contexts.join('\n')}\n`)
  writeFileSync(join(out, `${name}.tuples`), `${tuples.map((tuple) => tuple.join(' ')).join('\n')}\n`)
  writeFileSync(join(out, `${name}.lean`), leanData(server, { contexts, tuples }))
}

/** Writes everything; answers the policies there are. `tuples` of each kind. */
export const preparePolicies = (wanted: readonly string[], tuples: number): PolicyData[] => {
  mkdirSync(out, { recursive: true })
  return wanted.flatMap((name) => {
    const found = findPolicy(name, `${name}.34.gz`)
    if (found === null) return []
    const server = new SecurityServer({ mode: 'libsepol' })
    server.load(found.bytes)
    writeFileSync(join(out, `${name}.policy`), found.bytes)
    writeTuples(`${name}-guided`, guidedTuples(server, tuples), server)
    writeTuples(`${name}-uniform`, uniformTuples(server, tuples), server)
    if (name === 'default') {
      writeFileSync(join(out, 'queries.json'), JSON.stringify(someQueries(server)))
      writeFileSync(join(out, 'flows.json'), JSON.stringify(someFlows(server)))
      writeFileSync(join(out, 'permission-map'), permissionMapText(defaultPermissionMap()))
    }
    return [{ name, from: found.from, path: join(out, `${name}.policy`) }]
  })
}

/** Unpacks Debian's modules as CIL; answers their paths, none if they are not at hand. */
export const prepareCil = (): string[] => {
  const packed = join(shared, 'default-cil.tar.xz')
  const folder = join(out, CIL)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  if (!existsSync(packed)) return []
  spawnSync('tar', ['-xJf', packed, '-C', folder, '--strip-components', '1'], { stdio: 'inherit' })
  return readdirSync(folder).filter((name) => name.endsWith('.cil')).map((name) => join(folder, name))
}

const walk = (folder: string, depth: number, take: (path: string) => boolean): boolean => {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return true
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (!take(path)) return false
    if (entry.isDirectory() && depth > 0 && !walk(path, depth - 1, take)) return false
  }
  return true
}

const MOST_PATHS = 60_000

/** Every so many-th file of this machine, `count` in all. */
const pathsOfThisMachine = (count: number): string[] => {
  const all: string[] = []
  for (const root of ['/etc', '/var', '/usr', '/home', '/root', '/opt', '/dev', '/run']) {
    walk(root, 7, (path) => {
      if (!path.includes('\n')) all.push(path)
      return all.length < MOST_PATHS
    })
  }
  const step = Math.max(1, Math.floor(all.length / count))
  return all.filter((_, i) => i % step === 0).slice(0, count)
}

/** Writes Debian's file contexts and paths beside each other; answers where they were found, null if nowhere. */
export const prepareFileContexts = (paths: number): string | null => {
  const folders = [
    { base: join(shared, 'default.file_contexts'), packed: '.gz' },
    { base: `${installed}/contexts/files/file_contexts`, packed: '' },
  ]
  const found = folders.find(({ base, packed }) => existsSync(base + packed))
  if (found === undefined) return null
  for (const ending of ['', '.homedirs', '.subs_dist']) {
    const path = [found.base + ending + found.packed, found.base + ending].find((candidate) => existsSync(candidate))
    if (path !== undefined) writeFileSync(join(out, `file_contexts${ending}`), read(path))
  }
  writeFileSync(join(out, 'paths'), `${pathsOfThisMachine(paths).join('\n')}\n`)
  return found.base
}
