/** Finds the module of a policy on disk by its contents. */
import { isPolicyBinary } from '@lsmkit/apparmor/policydb'
import { readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { reading } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { bytesOf } from '../selinux/inputs.ts'

export type PolicyKind = 'selinux' | 'smack' | 'apparmor' | 'capability' | 'landlock' | 'sandbox'

/** A kind as a sentence has it. */
export const kindNames: Readonly<Record<PolicyKind, string>> =
  { selinux: 'a policy of SELinux', smack: 'rules of Smack', apparmor: 'profiles of AppArmor',
    capability: 'sets of capabilities', landlock: 'a ruleset of Landlock', sandbox: 'a policy of a box' }

/** Throws CommandError where local changes are named for a policy that takes none. */
export const checkLocal = (name: string, kind: PolicyKind, local: readonly string[] | undefined): void => {
  if (local === undefined || kind === 'selinux') return
  throw new CommandError('usage', `\`${name}\` is ${kindNames[kind]}: local changes are for SELinux`,
    'leave `--local` out')
}

const MAGICS = [0xf97cff8c, 0xf97cff8f, 0xf97cff8d]

const isBinary = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && MAGICS.includes(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true))

/** CIL begins with a list or a comment of its own; a Smack rule with a label, and no label has a slash. */
const looksLikeCil = (bytes: Uint8Array): boolean =>
  /^\s*[(;]/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 4096)))

/** Without comments. */
const firstLine = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes.subarray(0, 4096))
  .split('\n').map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')) ?? ''

/** As getcap prints: a program and a capability text, which no access of a Smack rule looks like. */
const looksLikeCaps = (bytes: Uint8Array): boolean =>
  /\S\s+(?:(?:cap_\S*|all)[=+-]|=)[eip]*$/i.test(firstLine(bytes).replace(/\s#.*/, '').trimEnd())

/** A profile by its head, or what stands before the first one; no label of Smack ends in a brace or begins so. */
const looksLikeProfiles = (bytes: Uint8Array): boolean => {
  const line = firstLine(bytes)
  return /^(?:profile\s|abi\s|#?include\s+[<"]|include if exists\s|@\{\w+\}\s*\+?=|alias\s+\S+\s+->)/.test(line) ||
    /^[/"@].*\{(?:\s|$)/.test(line)
}

/** Files of a folder that only profiles have. */
const isProfileFolder = (files: readonly string[]): boolean =>
  files.some((file) => file === 'abstractions' || file === 'tunables')

/** Keys of a policy of a box that a ruleset of Landlock does not have. */
const BOX_KEYS = [
  'version', 'allow', 'mounts', 'modules', 'limits', 'roles', 'attributes', 'env', 'subsystems',
  'kernel',
] as const

const isBoxPolicy = (bytes: Uint8Array): boolean => {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as object
    return BOX_KEYS.some((key) => Object.hasOwn(value, key))
  } catch {
    return false
  }
}

/** Stdin (`-`) is CIL, as in every other command. */
export const policyKindOf = (io: Io, name: string): PolicyKind => {
  if (name === '-' || /\.(cil|pp|pp\.bz2)$/.test(name)) return 'selinux'
  if (reading(name, () => statSync(resolve(io.cwd, name)).isDirectory())) {
    const files = reading(name, () => readdirSync(resolve(io.cwd, name)))
    return files.some((file) => file.endsWith('.cil')) ? 'selinux' : isProfileFolder(files) ? 'apparmor' : 'smack'
  }
  const bytes = bytesOf(io, name)
  if (isPolicyBinary(bytes) || looksLikeProfiles(bytes)) return 'apparmor'
  if (firstLine(bytes).startsWith('{')) return isBoxPolicy(bytes) ? 'sandbox' : 'landlock'
  return isBinary(bytes) || looksLikeCil(bytes) ? 'selinux' : looksLikeCaps(bytes) ? 'capability' : 'smack'
}
