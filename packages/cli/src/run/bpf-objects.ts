/** Object files on the stack that a program runs under: loaded once the kernel is up, before the program starts. */
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import type { BpfLsm, BpfOptions, LoadedObject, Value } from '@lsmkit/bpf'
import { BpfError } from '@lsmkit/bpf/btf'
import { setVariable } from '@lsmkit/bpf/object'
import type { BpfObject } from '@lsmkit/bpf/object'
import { LsmkitError } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import { checkPrograms, openingOf } from '../commands/bpf/open.ts'
import { readHostFile } from '../host-file.ts'
import type { ObjectOptions } from '../commands/bpf/open.ts'
import type { Io } from '../io.ts'

/** `name=value`, the value a number, text, or JSON. */
const setVariables = (object: BpfObject, words: readonly string[]): void => {
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) throw new CommandError('usage', `\`${word}\` sets no variable`, '--set NAME=VALUE')
    setVariable(object, word.slice(0, at), valueOf(word.slice(at + 1)))
  }
}

const valueOf = (text: string): Value => {
  if (/^-?(\d+|0x[\da-f]+)$/i.test(text)) return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}

/** The LSM; it prints messages and failures of its programs on stderr. */
export const bpfModule = (io: Io, options: BpfOptions = {}): BpfLsm =>
  bpf({
    ...options,
    onTrace: (text) => io.note(`bpf: ${text.replace(/\n$/, '')}`),
    onFaultReport: ({ program, hook, error }) => io.note(`bpf: ${program} was stopped on ${hook}: ${String(error)}`),
  })

/** All of its programs, or none of it. */
const attachAll = (loaded: LoadedObject): LoadedObject => {
  try {
    loaded.attachAll()
    return loaded
  } catch (error) {
    loaded.unload()
    throw error
  }
}

/** Loads and attaches each file's programs. Throws CommandError with the verifier's log. */
export const attachObjects = (
  io: Io, lsm: BpfLsm, stack: Stack, files: readonly string[], options: ObjectOptions = {},
): LoadedObject[] => files.map((file) => {
  const bytes = readHostFile(io, file)
  try {
    const wanted = options.program === undefined ? {} : { programs: options.program }
    const prepare = (object: BpfObject): void => {
      checkPrograms(file, object)
      setVariables(object, options.set ?? [])
    }
    const loaded = lsm.load(stack, bytes, { ...openingOf(io, file, options), ...wanted, prepare })
    return attachAll(loaded)
  } catch (error) {
    if (error instanceof BpfLoadError) {
      throw new CommandError(
        'badInput', `\`${file}\`: ${error.message}`,
        error.log === '' ? undefined : `lsm bpf verify --log-level 1 --program ${error.program} ${file}`,
      )
    }
    if (error instanceof BpfError) {
      throw new CommandError(
        'badInput', `\`${file}\`: ${error.summary}`, error.hint ?? undefined,
      )
    }
    if (error instanceof LsmkitError) {
      throw new CommandError(
        'badInput', `\`${file}\`: ${error.summary}`, error.hint ?? undefined,
      )
    }
    throw error
  }
})
