/** Profiles and policies as the commands of `lsm apparmor` read them. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  compileProfiles, isProfileFile, kernelFeatures, parseFeatures, ProfileError,
} from '@lsmkit/apparmor/profile'
import type { CompileOptions, CompileResult, KernelVersion, ProfileFiles } from '@lsmkit/apparmor/profile'
import { ApparmorError, isPolicyBinary, readPolicy } from '@lsmkit/apparmor/policydb'
import type { PolicyBinary } from '@lsmkit/apparmor/policydb'
import { decidersOf, QuestionError } from '@lsmkit/apparmor/query'
import type { Abstraction, AskedPolicy, Decider } from '@lsmkit/apparmor/query'
import { CommandError } from '../../command-error.ts'
import { readHostFile, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'

export interface SourceFlags {
  readonly include?: readonly string[]
  readonly features?: string
  /** The release whose features hold where no file of features is named. */
  readonly kernel?: KernelVersion
}

const DEFAULT_FOLDER = '/etc/apparmor.d'

/** Runs a command: what is wrong with a profile or a question is the mistake of who named it. */
export const withCommandErrors = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof ProfileError) {
      const place = error.place === null ? '' : `${error.place}: `
      throw new CommandError('badInput', `${place}${error.summary}`, error.hint ?? undefined)
    }
    if (error instanceof QuestionError) throw new CommandError('usage', error.summary, error.hint ?? undefined)
    if (error instanceof ApparmorError) throw new CommandError('badInput', error.summary, error.hint ?? undefined)
    throw error
  }
}

const attempt = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch {
    return null
  }
}

const filesOf = (io: Io): ProfileFiles => ({
  read: (path) => attempt(() => {
    const at = resolve(io.cwd, path)
    return statSync(at).isFile() ? readFileSync(at) : null
  }),
  list: (path) => attempt(() => readdirSync(resolve(io.cwd, path))),
})

const isFolder = (io: Io, name: string): boolean =>
  attempt(() => statSync(resolve(io.cwd, name)).isDirectory()) ?? false

/** The profiles of a folder, without those that its folder `disable` names. */
const profilesIn = (io: Io, folder: string): string[] => {
  const disabled = new Set(attempt(() => readdirSync(resolve(io.cwd, folder, 'disable'))) ?? [])
  const names = readdirSync(resolve(io.cwd, folder)).filter((name) => isProfileFile(name) && !disabled.has(name))
  return names.toSorted().map((name) => join(folder, name)).filter((name) => !isFolder(io, name))
}

/** Files of profiles; a folder stands for those in it. */
export const profileFiles = (io: Io, names: readonly string[]): string[] =>
  names.flatMap((name) => isFolder(io, name) ? profilesIn(io, name) : [name])

const optionsOf = (io: Io, { include = [], features, kernel = '6.12' }: SourceFlags, name: string): CompileOptions => ({
  files: filesOf(io),
  include: include.length > 0 ? include : [dirname(name), DEFAULT_FOLDER],
  features: features === undefined ? kernelFeatures(kernel) : parseFeatures(readHostText(io, features), features),
})

/** One file compiled, with other text in its place if there is one; throws CommandError and what `telling` knows. */
export const compileFile = (io: Io, name: string, flags: SourceFlags, text?: string): CompileResult => {
  readHostFile(io, name)
  const options = optionsOf(io, flags, name)
  if (text === undefined) return compileProfiles(name, options)
  const bytes = new TextEncoder().encode(text)
  return compileProfiles(name, {
    ...options, files: { ...options.files, read: (path) => path === name ? bytes : options.files.read(path) },
  })
}

const ABSTRACTIONS = 'abstractions'
/** The profile that an abstraction is compiled in. */
const WRAPPER = 'abstraction'

/** The files that profiles include, each compiled by itself; one that cannot stand alone is left out. */
export const compileAbstractions = (io: Io, flags: SourceFlags): Abstraction[] => {
  const options = optionsOf(io, flags, WRAPPER)
  const folders = options.include ?? []
  const names = new Set(folders.flatMap((folder) => options.files.list(join(folder, ABSTRACTIONS)) ?? []))
  return [...names].filter(isProfileFile).toSorted().flatMap((file) => {
    const name = `${ABSTRACTIONS}/${file}`
    const text = new TextEncoder().encode(`include if exists <tunables/global>\nprofile p { include <${name}> }\n`)
    const compiled = attempt(() => compileProfiles(WRAPPER, {
      ...options, files: { ...options.files, read: (path) => path === WRAPPER ? text : options.files.read(path) },
    }))
    return compiled === null ? [] : [{ name, compiled: compiled.profiles[0]! }]
  })
}

/** All profiles of files and folders together. */
export const compileAll = (io: Io, names: readonly string[], flags: SourceFlags): CompileResult[] =>
  withCommandErrors(() => profileFiles(io, names).map((name) => compileFile(io, name, flags)))

/** The profile that a question is put to, with its name: the only one, or that with the name. */
export const deciderNamed = (policy: AskedPolicy, name: string | undefined): readonly [string, Decider] => {
  const all = [...decidersOf(policy)]
  const found = name === undefined && all.length === 1 ? all[0] : all.find(([own]) => own === name)
  if (found !== undefined) return found
  const names = all.map(([own]) => own).slice(0, 20).join(', ')
  const message = name === undefined ? 'the file has several profiles' : `there is no profile \`${name}\``
  throw new CommandError('usage', message, `--profile NAME, one of ${names}`)
}

/** The policy of a file that is compiled already, or null. */
export const binaryNamed = (io: Io, name: string): PolicyBinary | null => {
  if (isFolder(io, name)) return null
  const bytes = readHostFile(io, name)
  return isPolicyBinary(bytes) ? readPolicy(bytes) : null
}

/** Profiles to be asked: of their text where it is there, else of one compiled policy. */
export const askedPolicy = (io: Io, names: readonly string[], flags: SourceFlags): AskedPolicy =>
  withCommandErrors(() => {
    const [name] = names
    const binary = names.length === 1 ? binaryNamed(io, name!) : null
    return binary ?? compileAll(io, names, flags).flatMap(({ profiles }) => profiles)
  })

/** A compiled policy, or profiles that are compiled first. */
export const policyNamed = (io: Io, name: string, flags: SourceFlags): PolicyBinary => withCommandErrors(() => {
  const found = binaryNamed(io, name)
  if (found !== null) return found
  const results = profileFiles(io, [name]).map((file) => compileFile(io, file, flags))
  return {
    version: results[0]?.binary.version ?? 0, namespace: results[0]?.binary.namespace ?? null,
    profiles: results.flatMap(({ binary }) => binary.profiles),
  }
})

/** `usr.bin.man` of a path: what a binary of it is called. */
export const binaryName = (file: string): string => `${basename(file)}.bin`
