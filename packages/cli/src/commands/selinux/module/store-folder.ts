/** Stores of modules in folders of the host: read as they are, written whole or not at all. */
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readStore, StoreError, storeFiles } from '@lsmkit/selinux/module'
import type { ModuleStore, StoreFiles } from '@lsmkit/selinux/module'
import { readBounded } from '../../../bounded-read.ts'
import { CommandError } from '../../../command-error.ts'
import { isFile, isFolder, reading, statIfAny } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { makeFolder } from '../../../output-files.ts'
import { MOST_UNPACKED, unpacked } from '../../../packed/unpack.ts'

/** Our own layout, or nothing yet: the other ones are libsemanage's to change. */
export const isOwnStore = (io: Io, name: string): boolean => isFile(io, join(name, 'store.json')) ||
  (isFolder(io, name) && reading(name, () => readdirSync(resolve(io.cwd, name))).length === 0)

/** The store in a folder. Throws CommandError with the name of the folder. */
export const openStore = (io: Io, name: string): ModuleStore => {
  const folder = resolve(io.cwd, name)
  if (!isFolder(io, name)) throw new CommandError('badInput', `\`${name}\` is not a folder`, 'a store is one')
  return reading(name, () => readStore(filesOf(folder)))
}

const filesOf = (folder: string): StoreFiles => ({
  list: (path) => missing(() => readdirSync(join(folder, path)).sort()),
  read: (path) => missing(() => unpacked(readBounded(join(folder, path)), MOST_UNPACKED)),
})

const missing = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}

/** Puts a store in our layout where a folder was, or is to be. A folder with anything else in it is left alone. */
export const saveStore = (io: Io, name: string, store: ModuleStore): void => {
  const folder = isFolder(io, name) ? realpathSync(resolve(io.cwd, name)) : resolve(io.cwd, name)
  if (isFolder(io, name) && !isOwnStore(io, name) && readdirSync(folder).length > 0) {
    throw new CommandError('usage', `\`${name}\` is a folder with other files in it`, 'name an empty or a new one')
  }
  if (statIfAny(io, name)?.isDirectory() === false) {
    throw new CommandError('usage', `\`${name}\` is not a folder`, 'a store is a folder: name an empty or a new one')
  }
  makeFolder(io, dirname(folder))
  reading(name, () => {
    const made = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`))
    try {
      for (const [path, contents] of storeFiles(store)) {
        mkdirSync(dirname(join(made, path)), { recursive: true })
        writeFileSync(join(made, path), contents)
      }
      replace(folder, made)
    } finally {
      rmSync(made, { recursive: true, force: true })
    }
  }, 'written')
}

const replace = (folder: string, made: string): void => {
  const before = `${made}.before`
  const wasThere = existsSync(folder)
  if (wasThere) renameSync(folder, before)
  try {
    renameSync(made, folder)
  } catch (error) {
    if (wasThere) renameSync(before, folder)
    throw error
  }
  rmSync(before, { recursive: true, force: true })
}

/** Runs a change of a store: what the store does not have is wrong usage. */
export const changing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    throw new CommandError('usage', error.summary, error.hint ?? undefined)
  }
}
