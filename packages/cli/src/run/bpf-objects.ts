/** Object files on the stack that a program runs under: loaded once the kernel is up, before the program starts. */
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import type { BpfLsm, BpfOptions, LoadedObject } from '@lsmkit/bpf'
import { BpfError } from '@lsmkit/bpf/btf'
import { LsmkitError } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import { checkPrograms, openFile } from '../commands/bpf/open.ts'
import type { ObjectOptions } from '../commands/bpf/open.ts'
import type { Io } from '../io.ts'

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
  const { object, programs } = openFile(io, file, options)
  checkPrograms(file, object)
  try {
    const wanted = options.program === undefined ? {} : { programs: programs.map(({ name }) => name) }
    const loaded = lsm.load(stack, object, wanted)
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
