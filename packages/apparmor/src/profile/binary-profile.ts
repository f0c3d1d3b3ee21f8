/** A profile of the text as one of a binary: modes, flags, limits, sets of capabilities, and the tables of targets. */
import { ownValue } from '@lsmkit/abi'
import {
  emptyPdb, PATH_CHROOT_NSCONNECT, PATH_CHROOT_REL, PATH_CONNECT_PATH, PATH_DELEGATE_DELETED,
} from '../policydb/policy.ts'
import type { Pdb, Profile, ProfileMode } from '../policydb/policy.ts'
import { attachmentOf } from './attachment.ts'
import { automatonOf } from './automaton-rules.ts'
import type { EncodedRule } from './encoded.ts'
import { netAllowedOf } from './net-allowed.ts'
import { nameOf } from './place.ts'
import type { ResolvedProfile } from './resolved.ts'
import type { Target } from './target.ts'
import { pdbOf } from './to-policydb.ts'

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

/** The automata of a profile. */
export const pdbsOf = (
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

/** The profile with these automata. */
export const profileOf = (
  source: ResolvedProfile, pdbs: Pick<Profile, 'file' | 'policydb'>, target: Target,
): Profile => {
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
