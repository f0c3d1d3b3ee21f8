/** The answer of a compiled profile whose text is not there: what a kernel that loaded the binary would say. */
import { AA_CLASS_FILE, AA_CLASS_LABEL } from '../classes.ts'
import { DFA_NOMATCH } from '../dfa/dfa.ts'
import { loadedProfile } from '../domain/make-profile.ts'
import { Namespace } from '../domain/objects.ts'
import type { LoadedProfile } from '../domain/objects.ts'
import {
  AA_EXEC_MMAP, AA_MAY_APPEND, AA_MAY_CHANGE_PROFILE, AA_MAY_EXEC, AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_READ, AA_MAY_WRITE,
} from '../perms.ts'
import { fileEntry, ruleEntry } from '../policydb/packed-perms.ts'
import type { PermEntry, PolicyBinary } from '../policydb/policy.ts'
import { VERSION_MASK } from '../policydb/policy.ts'
import type { Decision } from './decide.ts'
import type { Question } from './question.ts'

type Answer = Pick<Decision, 'allowed' | 'reason'>

/** Bits that a question about a file names; a kernel's entry has more, which follow from them. */
const NAMED = AA_MAY_EXEC | AA_MAY_WRITE | AA_MAY_READ | AA_MAY_APPEND | AA_MAY_LINK | AA_MAY_LOCK | AA_EXEC_MMAP |
  AA_MAY_CHANGE_PROFILE
/** The form of the words in which questions of other classes ask. */
const VERSION = 8

/** Profiles of a binary, ready to be asked. */
export const loadedProfiles = ({ profiles, version }: PolicyBinary): readonly LoadedProfile[] => {
  const namespace = new Namespace('root', null)
  return profiles.map((profile) => loadedProfile(profile, namespace, version & VERSION_MASK))
}

const answerOf = ({ allow, deny, quiet }: PermEntry, asked: number): Answer => {
  const missing = asked & ~(allow & ~deny)
  if (missing === 0) return { allowed: true, reason: 'rule' }
  return { allowed: false, reason: (missing & (deny | quiet)) === 0 ? 'missing' : 'denied' }
}

const decideCapability = ({ caps }: LoadedProfile, number: number): Answer => {
  const bit = 1n << BigInt(number)
  if ((caps.allow & bit) !== 0n) return { allowed: true, reason: 'rule' }
  return { allowed: false, reason: (caps.quiet & bit) === 0n ? 'missing' : 'denied' }
}

/** The class that a string is of: of labels the second byte says it. */
const classOf = ([first = 0, second = 0]: readonly number[]): number => (first === AA_CLASS_LABEL ? second : first)

const decideRules = ({ rules }: LoadedProfile, symbols: readonly number[], asked: number): Answer => {
  if (rules.mediates(classOf(symbols)) === DFA_NOMATCH) return { allowed: true, reason: 'not-mediated' }
  const state = rules.matchBytes(rules.start[0]!, Uint8Array.from(symbols))
  // since older kernels took every class as lockable, that bit says nothing
  return answerOf(rules.perms(state), ruleEntry(asked, 0, VERSION).allow & ~AA_MAY_LOCK)
}

const answer = (profile: LoadedProfile, question: Question, owner: boolean): Answer => {
  if (profile.isUnconfined) return { allowed: true, reason: 'unconfined' }
  if (question.kind === 'capability') return decideCapability(profile, question.number)
  const { symbols, asked } = question
  if (question.kind === 'rule') return decideRules(profile, symbols, asked)
  const { file } = profile
  const state = file.matchBytes(file.start[AA_CLASS_FILE]!, Uint8Array.from(symbols))
  return answerOf(file.filePerms(state, owner), fileEntry(asked, 0, false).allow & NAMED)
}

/**
 * As `decide`, of a profile that a binary holds. No rules are named, since a binary has none; and what `audit deny`
 * denies is `missing`, since such a rule leaves nothing in it.
 */
export const decideLoaded = (profile: LoadedProfile, question: Question, owner = true): Decision => (
  { ...answer(profile, question, owner), complain: profile.mode === 'complain', rules: [], nearest: null }
)
