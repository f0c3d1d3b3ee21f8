/** Policies as the commands take them: a binary policy, gzipped or not, or CIL, which is compiled first. */
import { dictionary } from '@lsmkit/abi'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compileCil } from '@lsmkit/selinux/cil'
import type { CilSource } from '@lsmkit/selinux/cil'
import { PolicyError, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { isModule, packageToCil } from '@lsmkit/selinux/module'
import { equivalencesText, localFileContextsText, splitTemplate } from '@lsmkit/selinux/labels'
import { FileContexts, FileContextsError, SecurityServer } from '@lsmkit/selinux/server'
import { decodedText, readBounded } from '../../bounded-read.ts'
import { CommandError } from '../../command-error.ts'
import { isFolder, reading, statIfAny } from '../../host-file.ts'
import { stdinText } from '../../io.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { localChanges, withLocal } from './local.ts'
import { MOST_UNPACKED, unpacked } from '../../packed/unpack.ts'

const STDIN = '-'

/** Packed files (gzip, bzip2) as what is in them. */
export const bytesOf = (io: Io, name: string): Uint8Array =>
  reading(name, () => unpacked(readBounded(resolve(io.cwd, name), MOST_UNPACKED)))

const textIn = (name: string, bytes: Uint8Array): string => reading(name, () => decodedText(bytes))

export const textOf = (io: Io, name: string): string =>
  name === STDIN ? stdinText(io) : textIn(name, bytesOf(io, name))

/** Null of a file that there is not. */
const textIfAny = (io: Io, name: string): string | undefined =>
  statIfAny(io, name) === null ? undefined : textOf(io, name)

/** Do contexts of a file_contexts have a range? Then its policy has MLS. */
const hasRanges = (text: string): boolean => /\s[^:\s]+:[^:\s]+:[^:\s]+:\S+$/m.test(text)

const joinedTexts = (first: string | undefined, second: string): string | undefined =>
  second === '' ? first : `${first ?? ''}\n${second}`

/**
 * A file_contexts, with the files beside it as libselinux has them unless they are not wanted, and local changes behind
 * those of its `.local`.
 */
export const fileContextsOf = (io: Io, name: string, only = false, local?: readonly string[]): FileContexts => {
  const beside = (suffix: string): string | undefined => only ? undefined : textIfAny(io, `${name}.${suffix}`)
  const changes = localChanges(io, local)
  const base = textOf(io, name)
  const homedirs = beside('homedirs')
  if (homedirs === undefined && !only) noteTemplates(io, name, base)
  const texts = {
    base, homedirs, local: joinedTexts(beside('local'), localFileContextsText(changes, hasRanges(base))),
    subs: joinedTexts(beside('subs'), equivalencesText(changes)), subsDist: beside('subs_dist'),
  }
  try {
    return new FileContexts(texts)
  } catch (error) {
    if (!(error instanceof FileContextsError)) throw error
    const file = error.file === 'base' ? name : `${name}.${error.file}`
    throw new CommandError('badInput', error.summary.replace(error.file, file), error.hint ?? undefined)
  }
}

/** Template lines match no path: files in homes would get the label of what is around them. */
const noteTemplates = (io: Io, name: string, base: string): void => {
  const { template } = splitTemplate(base)
  if (template === '') return
  const lines = template.trimEnd().split('\n').length
  io.note(`lsm: ${lines} lines of \`${name}\` are templates for homes: lsm selinux homedirs makes ${name}.homedirs`)
}

/** CIL, and policy modules as CIL: what a folder is looked through for. */
const isSource = (name: string): boolean => /\.(cil|pp|pp\.bz2)$/.test(name)

/** Source of checkpolicy, whose macros and order nothing here reads. */
const looksLikeConf = (name: string, text: string): boolean =>
  /\.(te|if|conf)$/.test(name) || /^\s*(policy_module\s*\(|module\s+\S+\s+\d[\d.]*;)/m.test(text.slice(0, 4096))

/** What a file that is no text begins with, what it is, and what to do with it. */
const OTHER_FILES: readonly (readonly [magic: readonly number[], what: string, hint: string])[] = [
  [[0x8c, 0xff, 0x7c, 0xf9], 'a compiled policy', 'lsm selinux info lists its contents'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 'compressed by xz', 'unxz it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed by zstd', 'unzstd it first'],
  [[0x7f, 0x45, 0x4c, 0x46], 'an ELF file', 'CIL is text'],
]

/** True of the first bytes of a kernel policy. */
export const isBinaryPolicy = (bytes: Uint8Array): boolean =>
  OTHER_FILES[0]![0].every((byte, i) => bytes[i] === byte)

const kindOf = (bytes: Uint8Array) => OTHER_FILES.find(([magic]) => magic.every((byte, i) => bytes[i] === byte))

const sourceOf = (io: Io, name: string): CilSource => {
  const bytes = bytesOf(io, name)
  if (isModule(bytes)) return { name, text: moduleText(name, bytes) }
  const kind = kindOf(bytes)
  if (kind !== undefined) throw new CommandError('badInput', `\`${name}\` is no CIL: it is ${kind[1]}`, kind[2])
  const text = textIn(name, bytes)
  if (looksLikeConf(name, text)) {
    throw new CommandError('badInput', `\`${name}\` is a policy source (policy.conf, .te), which is not read here`,
      name.endsWith('.conf') ? 'lsm selinux compile policy.conf -o policy.33 makes a policy of it, alone'
        : 'lsm selinux compile FILE.te -o FILE.cil makes a module of it')
  }
  return { name, text }
}

/** A policy module as CIL. */
export const moduleText = (name: string, bytes: Uint8Array): string => {
  try {
    return packageToCil(bytes).text
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new CommandError('badInput', `\`${name}\`: ${error.summary}`, error.hint ?? undefined)
  }
}

/** CIL files and modules in the order they are named, those of a folder by name. */
export const cilSources = (io: Io, names: readonly string[], choose?: FileChoice): CilSource[] => {
  const folders = new Map(names.filter((name) => isFolder(io, name)).map((name) => [name, filesOf(io, name)]))
  const chosen = choose === undefined ? null : new Set(choose([...folders.values()].flat()))
  return names.flatMap((name) => {
    if (name === STDIN) return [{ name: 'stdin', text: stdinText(io) }]
    const files = folders.get(name)?.filter((file) => chosen?.has(file) ?? true) ?? [name]
    return files.map((file) => sourceOf(io, file))
  })
}

/** Of the files of folders, those that count. */
export type FileChoice = (files: readonly string[]) => readonly string[]

const filesOf = (io: Io, folder: string): string[] => {
  const files = readdirSync(resolve(io.cwd, folder)).filter(isSource).sort()
  if (files.length === 0) throw new CommandError('badInput', `\`${folder}\` has no .cil or .pp file in it`)
  return files.map((file) => join(folder, file))
}

export const isCil = (io: Io, name: string): boolean =>
  name === STDIN || isSource(name) || isFolder(io, name)

/** Asking is not checking. */
const lenient = { disableNeverallow: true, multipleDeclarations: true }

/** A policy of a file, or of CIL: a .cil file, a folder of them, or stdin; with local changes in it. */
export const policyOf = (io: Io, name: string, local?: readonly string[]): Policydb => withLocal(io,
  isCil(io, name) ? compileCil(cilSources(io, [name]), lenient).policy : binaryPolicy(name, bytesOf(io, name)), local)

/** Changes of semanage in two policies that are compared. */
export interface LocalFlags {
  /** In both. */
  readonly local?: readonly string[] | undefined
  /** In the second alone, behind those in both. */
  readonly localAfter?: readonly string[] | undefined
}

/** Two policies to compare, with their local changes. */
export const policiesOf = (
  io: Io, before: string, after: string, { local, localAfter }: LocalFlags,
): [before: Policydb, after: Policydb] => [
  policyOf(io, before, local),
  policyOf(io, after, localAfter === undefined ? local : [...local ?? [], ...localAfter]),
]

/** What is no policy is told by its name: there may be two. */
const binaryPolicy = (name: string, bytes: Uint8Array): Policydb => {
  try {
    return readPolicy(bytes)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const kind = kindOf(bytes)
    if (kind?.[1].startsWith('compressed')) throw new CommandError('badInput', `\`${name}\` is ${kind[1]}`, kind[2])
    throw new CommandError('badInput', `\`${name}\`: ${error.summary}`, error.hint ?? undefined)
  }
}

/** The values that `name=on` settings give. */
export const booleansOf = (policy: Policydb, settings: readonly string[] = []): Record<string, boolean> => {
  const known = policy.booleans.items.map(({ name }) => name)
  const values = dictionary<boolean>()
  for (const setting of settings) {
    const [, name, state] = /^([^=]+)=(on|off|true|false|1|0)$/.exec(setting) ?? []
    if (name === undefined) {
      throw new CommandError('usage', `\`${setting}\` sets no boolean`, 'write name=on or name=off')
    }
    if (!known.includes(name)) {
      throw new CommandError('usage', `the policy has no boolean \`${name}\``, didYouMean(name, known) ?? undefined)
    }
    values[name] = ['on', 'true', '1'].includes(state!)
  }
  return values
}

/** A security server that answers about a policy, its booleans set: `name=on`. */
export const serverOf = (policy: Policydb, settings: readonly string[] = []): SecurityServer => {
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(writePolicy(policy))
  if (settings.length > 0) server.setBooleans(booleansOf(policy, settings))
  return server
}
