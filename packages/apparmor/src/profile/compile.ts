/** Profile text to a policy binary: reads, expands, encodes, and reports the rules that the target's kernel loses. */
import { aBoolean, aString, checkOptions, listOf, objectWith, oneOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { PolicyBinary, Profile } from '../policydb/policy.ts'
import { FORCE_COMPLAIN } from '../policydb/policy.ts'
import type { ClassRule, FileEntry } from './ast.ts'
import { pdbsOf, profileOf } from './binary-profile.ts'
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
import { targetOf, type Target } from './target.ts'

export interface CompileOptions {
  readonly files: ProfileFiles
  /** Folders in which `<name>` is looked for, the first one first. */
  readonly include?: readonly string[]
  /** The features that the kernel can mediate. A policy without an `abi` rule is taken to be written for it. */
  readonly features: Features
  /** How policies are read that name no abi: as written for the kernel, or for the oldest features. */
  readonly withoutAbi?: 'kernel' | 'oldest'
  /** Every profile only complains, as a link in `force-complain/` and apparmor_parser's `-C` have it. */
  readonly forceComplain?: boolean
  /** The namespace of all profiles, in place of those that their names give: apparmor_parser's `-n`. */
  readonly namespace?: string
}

const compileRules: OptionRules<CompileOptions> = {
  files: required({
    is: (value) => objectWith('read', '').is(value) && objectWith('list', '').is(value), what: 'files to read and list',
  }),
  include: listOf(aString),
  features: required(objectWith('supports', 'features of a kernel')),
  withoutAbi: oneOf('kernel', 'oldest'), forceComplain: aBoolean, namespace: aString,
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

const compileOne = (source: ResolvedProfile, target: Target, forceComplain: boolean): CompiledProfile => {
  const unconfined = source.flags.mode === 'unconfined' || source.flags.mode === 'default_allow'
  const fileRules = encoded(source.files, (entry) => encodeFile(entry, target.stacking))
  const classRules = [
    ...encoded(source.rules, (rule) => encodeClassRule(rule, target)), ...mediatedClasses(target, unconfined),
  ]
  const profile = profileOf(source, pdbsOf(source, fileRules, classRules, target), target)
  return { source, fileRules, classRules, profile: forceComplain ? { ...profile, mode: 'complain' } : profile }
}

const compileTree = (source: ResolvedProfile, target: Target, forceComplain: boolean): CompiledProfile[] => [
  compileOne(source, target, forceComplain),
  ...source.children.flatMap((child) => compileTree(child, target, forceComplain)),
]

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
  const { forceComplain = false } = options
  const profiles = sources.flatMap((source) => compileTree(source, target, forceComplain))
  const namespace = options.namespace ?? profiles.find(({ source }) => source.namespace !== null)?.source.namespace ??
    null
  return {
    binary: {
      version: versionWord(target.abi) | (forceComplain ? FORCE_COMPLAIN : 0),
      namespace: namespace === null ? null : nameOf(namespace),
      profiles: profiles.map(({ profile }) => profile),
    },
    profiles, target,
    warnings: [...parser.warnings, ...profiles.flatMap(({ source }) => lossesOf(source, target))],
  }
}
