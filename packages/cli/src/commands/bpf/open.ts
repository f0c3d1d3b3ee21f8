/** Opens object files and kernel types of the host for the commands of `lsm bpf`. */
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { basename } from 'node:path'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { BpfError, kernelTypes } from '@lsmkit/bpf/btf'
import type { Btf } from '@lsmkit/bpf/btf'
import { changedObject, openObject, programOf, readChanges } from '@lsmkit/bpf/object'
import type { BpfObject, ChangeWords, ObjectChanges, OpenOptions, ProgramSpec } from '@lsmkit/bpf/object'
import { CommandError } from '../../command-error.ts'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'

export interface ObjectOptions extends ChangeWords {
  /** File with the `.BTF` section of a kernel; our own kernel's types unless given. */
  readonly btf?: string
  /** The same by another name: `ours`, `6.12` where the host runs it, or a file. */
  readonly against?: string
  /** File with a kernel's configuration. */
  readonly kconfig?: string
  /** Names of programs; all unless given. */
  readonly program?: readonly string[]
  readonly json?: boolean
}

export interface Opened {
  readonly object: BpfObject
  readonly kernelBtf: Btf
  readonly programs: readonly ProgramSpec[]
}

export const readKernelTypes = (io: Io, file: string | undefined): Btf => {
  if (file === undefined) return vmlinuxBtf()
  return withFileErrors(file, () => kernelTypes(readHostFile(io, file)))
}

const HOST_TYPES = '/sys/kernel/btf/vmlinux'

/** The file of `--against`; undefined for our own types. */
const typesFile = ({ btf, against }: ObjectOptions): string | undefined => {
  if (against === undefined || against === 'ours') return btf
  if (against !== '6.12') return against
  if (release().startsWith('6.12.') && existsSync(HOST_TYPES)) return HOST_TYPES
  throw new CommandError('usage', 'this host does not run Linux 6.12, whose types are wanted',
    'give a file: llvm-objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc vmlinux vmlinux.btf')
}

export const openingOf = (io: Io, file: string, options: ObjectOptions): OpenOptions & { kernelBtf: Btf } => ({
  name: basename(file),
  kernelBtf: readKernelTypes(io, typesFile(options)),
  ...(options.kconfig === undefined ? {} : { kconfig: new TextDecoder().decode(readHostFile(io, options.kconfig)) }),
})

/** Changes that the options ask for. Throws CommandError `usage` for one that cannot be read. */
export const changesOf = (options: ChangeWords): ObjectChanges => asUsage(() => readChanges(changeWords(options)))

/** The words among other options. */
export const changeWords = ({ innerMap, map, hook, set }: ChangeWords): ChangeWords => ({
  ...(innerMap === undefined ? {} : { innerMap }), ...(map === undefined ? {} : { map }),
  ...(hook === undefined ? {} : { hook }), ...(set === undefined ? {} : { set }),
})

export const openFile = (io: Io, file: string, options: ObjectOptions): Opened => {
  const bytes = readHostFile(io, file)
  return withFileErrors(file, () => {
    const opening = openingOf(io, file, options)
    const opened = openObject(bytes, opening)
    const object = changedObject(opened, changesOf(options), opening.kernelBtf)
    const programs = options.program?.map((name) => asUsage(() => programOf(object, name))) ?? object.programs
    return { object, kernelBtf: opening.kernelBtf, programs }
  })
}

/** An option that cannot be read, or names a program that the object does not have, is wrong usage. */
const asUsage = <T>(act: () => T): T => {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    throw new CommandError('usage', error.summary, error.hint ?? undefined)
  }
}

/** Throws CommandError where there is nothing to judge or to load. */
export const checkPrograms = (file: string, { programs, maps }: BpfObject): void => {
  if (programs.length > 0) return
  const rest = maps.length === 0 ? '' : `, only ${maps.length === 1 ? 'a map' : `${maps.length} maps`}`
  throw new CommandError('badInput', `\`${file}\` holds no program${rest}`,
    'a program is a function in a section that says what it is for: SEC("lsm/file_open")')
}

/** Reports an error of the library as a mistake in the given file. */
export const withFileErrors = <T>(file: string, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    if (error instanceof BpfError) {
      throw new CommandError('badInput', `\`${file}\`: ${error.summary}`, error.hint ?? undefined)
    }
    throw error
  }
}
