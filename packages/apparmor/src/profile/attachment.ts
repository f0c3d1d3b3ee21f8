/**
 * The attachment of a profile: its path or attachment, other names by aliases, and conditions on extended attributes.
 */
import { mergeMarks } from '../dfa/accept.ts'
import { type Mark } from '../dfa/mark.ts'
import { determinise, TooManyStates } from '../dfa/build.ts'
import { minimise } from '../dfa/minimise.ts'
import { Nfa } from '../dfa/nfa.ts'
import { minimumLength, parsePattern, PatternError, type Regex } from '../dfa/regex.ts'
import { emptyPdb, type Pdb } from '../policydb/policy.ts'
import type { RuleAutomaton } from './automaton-rules.ts'
import { ProfileError } from './errors.ts'
import { FILE_EXEC } from './file-perms.ts'
import { globPattern, GlobError, isPlainGlob } from './glob.ts'
import type { ResolvedProfile } from './resolved.ts'
import { oneSlash } from './slashes.ts'
import { inlinePdb } from './to-policydb.ts'

export interface Attachment {
  readonly xmatch: Pdb
  readonly length: number
  /** Names of attributes that the kernel looks at. */
  readonly xattrs: readonly string[] | null
}

const MARK: Mark = { priority: 0, mode: 'allow', perms: FILE_EXEC, audit: 0, exact: false }
const MOST_STATES = 2_000_000

const lastPart = (name: string): string => name.slice(name.lastIndexOf('//') < 0 ? 0 : name.lastIndexOf('//') + 2)

/** Globs that any of which attaches the profile; empty when it is attached by its exact name alone. */
export const attachmentGlobs = (profile: ResolvedProfile): readonly string[] => {
  const first = oneSlash(profile.attachment ?? lastPart(profile.localName))
  const others = profile.otherAttachments.map(oneSlash)
  const needed = profile.attachment !== null || others.length > 0 || profile.xattrs !== null || !isPlainGlob(first)
  return needed ? [first, ...others] : []
}

/** Throws `ProfileError`. */
export const attachmentOf = (profile: ResolvedProfile, xattrs: boolean): Attachment => {
  try {
    const globs = attachmentGlobs(profile)
    if (globs.length === 0) return { xmatch: emptyPdb, length: 0, xattrs: null }
    const paths = globs.map((glob) => parsePattern(globPattern(glob)))
    const conditions = xattrs ? profile.xattrs ?? [] : []
    const values = conditions.map(
      ({ values: value }) => parsePattern(globPattern(value?.[0] ?? '**', 'bytes', '\\x00')),
    )
    return {
      xmatch: inlinePdb(automaton(paths, values)), length: Math.min(...paths.map(minimumLength)),
      xattrs: conditions.length === 0 ? null : conditions.map(({ name }) => name),
    }
  } catch (error) {
    if (error instanceof GlobError || error instanceof PatternError) {
      throw new ProfileError('bad-pattern', `the attachment is not a pattern: ${error.message}`, profile.place)
    }
    if (error instanceof TooManyStates) {
      throw new ProfileError('pattern-explodes', 'the attachment needs too many states', profile.place)
    }
    throw error
  }
}

const automaton = (paths: readonly Regex[], values: readonly Regex[]): RuleAutomaton => {
  const nfa = new Nfa(MOST_STATES)
  for (const path of paths) nfa.addChain(path, values, 0)
  const built = determinise(nfa)
  const merged = mergeMarks([MARK], false)
  if ('mode' in merged) throw new Error('one mark conflicts with nothing')
  return {
    automaton: minimise({ ...built, accepts: built.accepts.map((set) => set === 0 ? 0 : 1) }),
    accepted: [NOTHING, merged],
  }
}

const NOTHING = { allow: 0, prompt: 0, audit: 0, quiet: 0 }
