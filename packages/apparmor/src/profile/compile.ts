/** Profile text to a policy binary: reads, expands, encodes, and reports the rules that the target's kernel loses. */
import { ownValue } from '@lsmkit/abi'
import { aString, checkOptions, listOf, objectWith, oneOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { PolicyBinary, Profile, ProfileMode } from '../policydb/policy.ts'
import {
  emptyPdb, PATH_CHROOT_NSCONNECT, PATH_CHROOT_REL, PATH_CONNECT_PATH, PATH_DELEGATE_DELETED, type Pdb,
} from '../policydb/policy.ts'
import { attachmentOf } from './attachment.ts'
import type { ClassRule, FileEntry } from './ast.ts'
import { automatonOf } from './automaton-rules.ts'
import { encodeClassRule, mediatedClasses } from './encode-classes.ts'
import { encodeFile } from './encode-files.ts'
import type { EncodedRule } from './encoded.ts'
import { ProfileError, type ProfileWarning } from './errors.ts'
import { expandProfiles } from './expand.ts'
import { policyWithoutAbi, type Features } from './features.ts'
import { GlobError } from './glob.ts'
import { lossesOf } from './losses.ts'
import { parseSource } from './parse.ts'
import { Parser } from './parser.ts'
import { nameOf } from './place.ts'
import type { ResolvedProfile } from './resolved.ts'
import { Sources, type ProfileFiles } from './sources.ts'
import { netAllowedOf } from './net-allowed.ts'
import { targetOf, type Target } from './target.ts'
import { pdbOf } from './to-policydb.ts'

export interface CompileOptions {
  readonly files: ProfileFiles
  /** Folders in which `<name>` is looked for, the first one first. */
  readonly include?: readonly string[]
  /** The features that the kernel can mediate. A policy without an `abi` rule is taken to be written for it. */
  readonly features: Features
  /** How policies are read that name no abi: as written for the kernel, or for the oldest features. */
  readonly withoutAbi?: 'kernel' | 'oldest'
}

const compileRules: OptionRules<CompileOptions> = {
  files: required({
    is: (value) => objectWith('read', '').is(value) && objectWith('list', '').is(value), what: 'files to read and list',
  }),
  include: listOf(aString),
  features: required(objectWith('supports', 'features of a kernel')),
  withoutAbi: oneOf('kernel', 'oldest'),
}

/** A profile as it was compiled, with its rules for questions. */
export interface CompiledProfile {
  readonly profile: Profile
  readonly source: ResolvedProfile
  /** Strings of the file automaton and of all other classes, each with its rule. */
  readonly fileRules: readonly EncodedRule[]
  readonly classRules: readonly EncodedRule[]
}

export interface CompileResult {
  readonly binary: PolicyBinary
  readonly profiles: readonly CompiledProfile[]
  readonly warnings: readonly ProfileWarning[]
  readonly target: Target
}

const encoded = <R extends FileEntry | ClassRule>(
  rules: readonly R[], encode: (rule: R) => EncodedRule[],
): EncodedRule[] =>
  rules.flatMap((rule) => {
    try {
      return encode(rule)
    } catch (error) {
      if (!(error instanceof GlobError)) throw error
      throw new ProfileError('bad-pattern', error.message, rule.place)
    }
  })

const MODES: Readonly<Record<string, ProfileMode>> = {
  enforce: 'enforce', complain: 'complain', kill: 'kill', unconfined: 'unconfined', default_allow: 'unconfined',
  prompt: 'user',
}

/** Words of path look-up as bits; those without a bit leave the word at 0, which turns the kernel's default off. */
const PATH_BITS: Readonly<Record<string, number>> = {
  chroot_relative: PATH_CHROOT_REL, attach_disconnected: PATH_CONNECT_PATH, chroot_attach: PATH_CHROOT_NSCONNECT,
  // The bit that parsers write for mediate_deleted is the one that 6.12 reads as delegate_deleted.
  mediate_deleted: PATH_DELEGATE_DELETED,
}

const pathFlags = (words: ReadonlySet<string>): number | null =>
  words.size === 0 ? null : [...words].reduce((bits, word) => bits | (ownValue(PATH_BITS, word) ?? 0), 0)

const MOST_LIMITS = 16

const rlimitsOf = ({ rlimits }: ResolvedProfile): Profile['rlimits'] => rlimits.size === 0 ? null : {
  mask: [...rlimits.keys()].reduce((mask, limit) => mask | 1 << limit, 0),
  limits: Array.from({ length: MOST_LIMITS }, (_, limit) => rlimits.get(limit) ?? 0n),
}

/**
 * Behind the first of two tables of one profile, apparmor_parser 4.1 writes `:ns:name` without what follows the
 * namespace. Such a target means nothing to a kernel; it is written the same way, with a warning.
 */
const cutTarget = (name: string): string => {
  const end = name.startsWith(':') ? name.indexOf(':', 1) : -1
  return end < 0 ? name : name.slice(0, end)
}

/** The table of targets; beside permission tables it is as long as they are. */
const withTransitions = (pdb: Pdb, names: readonly string[], pad: boolean): Pdb => {
  const length = Math.max(names.length, pad ? pdb.perms?.length ?? 0 : 0)
  if (length === 0) return pdb
  return { ...pdb, transitions: Array.from({ length }, (_, index) => nameOf(names[index] ?? '')) }
}

const pdbsOf = (
  source: ResolvedProfile, fileRules: readonly EncodedRule[], classRules: readonly EncodedRule[], target: Target,
): Pick<Profile, 'file' | 'policydb'> => {
  const tables = target.permTables
  const file = fileRules.length === 0 ? null : pdbOf(automatonOf(fileRules, true), true, tables)
  const policydb = classRules.length === 0 ? null : pdbOf(automatonOf(classRules, false), false, tables)
  return {
    file: file === null ? emptyPdb : withTransitions(
      file, tables ? source.transitions.map(cutTarget) : source.transitions, true,
    ),
    policydb: policydb === null ? null : withTransitions(policydb, tables ? source.transitions : [], false),
  }
}

/** Fields for kernels after 6.12. */
const laterFields = ({ flags: { signal, error } }: ResolvedProfile, target: Target) => ({
  ...(target.killSignal && signal !== null ? { killSignal: signal } : {}),
  ...(target.error && error !== null ? { refusalErrno: error } : {}),
})

const profileOf = (source: ResolvedProfile, pdbs: Pick<Profile, 'file' | 'policydb'>, target: Target): Profile => {
  const { flags, capabilities } = source
  const allow = capabilities.allow & ~capabilities.deny
  const { xmatch, length, xattrs } = attachmentOf(source, target.xattr && target.outOfBand)
  return {
    name: nameOf(source.name), namespace: null, rename: null, attach: null,
    xmatch, xmatchLength: length, disconnected: flags.disconnected === null ? null : nameOf(flags.disconnected),
    ...laterFields(source, target),
    flags: {
      hat: source.hat, debug1: flags.debug, debug2: false,
      ...(flags.interruptible && target.interruptible ? { interruptible: true } : {}),
    },
    mode: MODES[flags.mode ?? 'enforce']!,
    auditAll: flags.audit,
    pathFlags: pathFlags(flags.path),
    caps: {
      allow, audit: allow & capabilities.audit, quiet: capabilities.deny & capabilities.quiet, dropped: 0n,
      extended: null,
    },
    xattrs: xattrs === null ? null : xattrs.map(nameOf), rlimits: rlimitsOf(source),
    ...netAllowedOf(source, target), secmark: null, data: null, ...pdbs,
  }
}

const compileOne = (source: ResolvedProfile, target: Target): CompiledProfile => {
  const unconfined = source.flags.mode === 'unconfined' || source.flags.mode === 'default_allow'
  const fileRules = encoded(source.files, (entry) => encodeFile(entry, target.stacking))
  const classRules = [
    ...encoded(source.rules, (rule) => encodeClassRule(rule, target)), ...mediatedClasses(target, unconfined),
  ]
  return {
    source, fileRules, classRules, profile: profileOf(source, pdbsOf(source, fileRules, classRules, target), target),
  }
}

const compileTree = (source: ResolvedProfile, target: Target): CompiledProfile[] =>
  [compileOne(source, target), ...source.children.flatMap((child) => compileTree(child, target))]

const PARSER_ABI = 2
const POLICY_VERSION = 2

/** The word in the header of a binary. */
const versionWord = (abi: number): number => abi > 5 ? abi | PARSER_ABI << 12 | POLICY_VERSION << 20 : abi

/** Compiles the profiles of one file. Throws `ProfileError`. */
export const compileProfiles = (path: string, options: CompileOptions): CompileResult => {
  checkOptions(options, compileRules, 'compileProfiles')
  const parser = new Parser(new Sources(options.files, options.include ?? []), options.features)
  parseSource(parser, parser.sources.main(path))
  const fallback = options.withoutAbi === 'oldest' ? policyWithoutAbi() : options.features
  const target = targetOf(options.features, parser.policyFeatures ?? fallback)
  const sources = expandProfiles(parser.profiles, {
    symbols: parser.symbols, aliases: parser.aliases, foldedCapabilities: target.foldedCapabilities,
  })
  const profiles = sources.flatMap((source) => compileTree(source, target))
  const namespace = profiles.find(({ source }) => source.namespace !== null)?.source.namespace ?? null
  return {
    binary: {
      version: versionWord(target.abi), namespace: namespace === null ? null : nameOf(namespace),
      profiles: profiles.map(({ profile }) => profile),
    },
    profiles, target,
    warnings: [...parser.warnings, ...profiles.flatMap(({ source }) => lossesOf(source, target))],
  }
}
