/** Files of the host as commands read them: what cannot be read is the mistake of who named it. */
import { ownValue } from '@lsmkit/abi'
import { statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { resolve } from 'node:path'
import { LsmkitError } from '@lsmkit/core'
import { decodedText, readBounded } from './bounded-read.ts'
import { CommandError } from './command-error.ts'
import { stdinText } from './io.ts'
import type { Io } from './io.ts'

const STDIN = '-'

const hints: Readonly<Record<string, string>> = {
  ENOENT: 'no such file', EISDIR: 'it is a folder', EACCES: 'its mode does not let you',
  ENOTDIR: 'it is not a folder, or a part of its path is not a folder',
  ENAMETOOLONG: 'no file has so long a name', ELOOP: 'symbolic links lead in a circle',
  EEXIST: 'it is there already', ENOSPC: 'the disk is full', EROFS: 'the file system is read-only',
}

/** `ENOENT (no such file)`. */
export const errorWords = (code: string): string => {
  const hint = ownValue(hints, code)
  return hint === undefined ? code : `${code} (${hint})`
}

/** Answers what `read` does; throws CommandError where the host does not let it. `name` as it was typed. */
export const reading = <T>(name: string, read: () => T, done = 'read'): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof LsmkitError) {
      throw new CommandError('badInput', `\`${name}\`: ${error.summary}`, error.hint ?? undefined)
    }
    if (error instanceof CommandError) throw new CommandError('badInput', `\`${name}\`: ${error.message}`, error.hint)
    const { code, message } = error as NodeJS.ErrnoException
    throw new CommandError('badInput', `\`${name}\` cannot be ${done}: ${code ?? message}`, ownValue(hints, code ?? ''))
  }
}

/** Null where nothing has the name, also below a file. Throws CommandError where the host does not let you look. */
export const statIfAny = (io: Io, name: string): Stats | null => reading(name, () => {
  try {
    return statSync(resolve(io.cwd, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
})

export const isFolder = (io: Io, name: string): boolean => statIfAny(io, name)?.isDirectory() === true
export const isFile = (io: Io, name: string): boolean => statIfAny(io, name)?.isFile() === true

export const readHostFile = (io: Io, name: string): Uint8Array =>
  reading(name, () => readBounded(resolve(io.cwd, name)))

/** Text of a file, or of stdin for `-`. */
export const readHostText = (io: Io, name: string): string =>
  name === STDIN ? stdinText(io) : reading(name, () => decodedText(readBounded(resolve(io.cwd, name))))

/** JSON of a file, or of stdin for `-`. */
export const readHostJson = (io: Io, name: string, hint?: string): unknown => {
  const text = readHostText(io, name)
  try {
    return JSON.parse(text)
  } catch (error) {
    const file = name === STDIN ? 'stdin' : `\`${name}\``
    throw new CommandError('badInput', `${file} is no JSON: ${(error as Error).message}`, hint)
  }
}

/** The contents of a file; errors in it are reported with its name. */
export const parsedFile = <T>(io: Io, name: string, parse: (text: string) => T): T => {
  const text = readHostText(io, name)
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof LsmkitError)) throw error
    throw new CommandError('badInput', `${name}: ${error.place}: ${error.summary}`, error.hint ?? undefined)
  }
}
