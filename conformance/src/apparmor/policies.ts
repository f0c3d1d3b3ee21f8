/** The binaries of `--policies`: an unpacked archive, or a tar of it. In both they lie in folders by set. */
import { ownValue } from '@lsmkit/abi'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readInput } from '../input.ts'
import { UsageError } from '../suite.ts'
import type { Options } from '../suite.ts'
import { untar } from '../tar.ts'

export interface Policies {
  /** The binary `NAME.bin` of a set, null where there is none. */
  read(set: string, name: string): Promise<Uint8Array | null>
  /** Names of the binaries of a set in order. */
  names(set: string): Promise<readonly string[]>
}

const BIN = '.bin'

export const openPolicies = async ({ policies }: Options, suite: string): Promise<Policies> => {
  if (policies === undefined) throw new UsageError(`\`${suite}\` needs \`--policies\``, 'the archive, or its folder')
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), policies)
  const found = await stat(path).catch(() => null)
  if (found === null) throw new UsageError(`cannot read \`${policies}\``)
  return found.isDirectory() ? ofFolder(path) : ofTar((await readInput(path)).bytes)
}

const ofFolder = (folder: string): Policies => ({
  read: async (set, name) => {
    const bytes = await readFile(join(folder, set, name + BIN)).catch(() => null)
    return bytes === null ? null : new Uint8Array(bytes)
  },
  names: async (set) => namesOf(await readdir(join(folder, set)).catch(() => [])),
})

const ofTar = (tar: Uint8Array): Policies => {
  const files = untar(tar).map(({ name, bytes }) => ({ path: name.split('/').slice(-2), bytes }))
  const inSet = (set: string) => files.filter(({ path }) => path[0] === set)
  return {
    read: async (set, name) => inSet(set).find(({ path }) => path[1] === name + BIN)?.bytes ?? null,
    names: async (set) => namesOf(inSet(set).map(({ path }) => path[1] ?? '')),
  }
}

const namesOf = (files: readonly string[]): readonly string[] =>
  files.filter((file) => file.endsWith(BIN)).map((file) => file.slice(0, -BIN.length)).sort()

/** Binaries by the short names that the table of damaged ones has for some. */
const shortNames: Readonly<Record<string, readonly [set: string, name: string]>> = {
  p_s1: ['perms', 'h_file_owner'],
  p_exec: ['perms', 'h_exec_named2'],
  p_chprof: ['perms', 'h_chprof'],
  h_xattr: ['own', 'h_xattr_3'],
  h_disc: ['own', 'h_flag_19_attach_disconnected_path__disc'],
}

/** A binary of the table of damaged ones. */
export const readBase = async (policies: Policies, base: string): Promise<Uint8Array | null> => {
  const [set, name] = ownValue(shortNames, base) ?? [base.startsWith('h_') ? 'own' : 'session', base]
  return await policies.read(set, name)
}

/** Says on stderr what could not be compared. */
export const printLeftOut = (rows: number, names: ReadonlySet<string>): void => {
  if (rows === 0) return
  const some = [...names].slice(0, 5).join(', ')
  console.error(`${rows} rows left out: ${names.size} binaries are not there (${some}${names.size > 5 ? ', …' : ''})`)
}
