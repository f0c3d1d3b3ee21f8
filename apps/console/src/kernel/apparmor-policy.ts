/** Questions about profiles of AppArmor: rules, who may become whom, one access; a draft beside what is loaded. */
import { AT_FDCWD, errnoName, O_WRONLY } from '@lsmkit/abi'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { ProfileError } from '@lsmkit/apparmor/profile'
import type { CompiledProfile } from '@lsmkit/apparmor/profile'
import { decide, execGraph, policyChanges, QuestionError, questionForms, questionOf } from '@lsmkit/apparmor/query'
import type { ExecEdge, RuleText } from '@lsmkit/apparmor/query'
import { compiledText, FILE, guestText } from './apparmor-parts.ts'
import type { ProfileText } from './apparmor-parts.ts'
import type { Machine } from './machine.ts'
import type { ApparmorAnswer, ApparmorQuestion, ProfileFault, ProfileRule } from './protocol.ts'

/** Changes that an answer has at most. */
const MOST = 300

/** The profiles that the kernel enforces; without AppArmor in the stack, those of the guests. */
const loadedOf = ({ made }: Machine): ProfileText => made.apparmor?.loaded ?? guestText()

/** The last draft, so that a question does not compile it again. */
let lastDraft: ProfileText | null = null

const textOf = (machine: Machine, draft: string | null): ProfileText => {
  const loaded = loadedOf(machine)
  if (draft === null || draft === loaded.text) return loaded
  if (lastDraft?.text !== draft) lastDraft = compiledText(draft)
  return lastDraft
}

/** Where the compiler stopped; an error of another kind is thrown on. */
const faultOf = (error: unknown): ProfileFault => {
  if (!(error instanceof ProfileError)) throw error
  const { summary, hint, place } = error
  return { message: summary, hint, line: place?.line ?? 1, column: place?.column ?? 1, text: error.toString() }
}

/** Null where the text compiles. */
export const checkProfileText = (text: string): ProfileFault | null => {
  try {
    lastDraft = compiledText(text)
    return null
  } catch (error) {
    return faultOf(error)
  }
}

const rulesOf = ({ source }: CompiledProfile): readonly ProfileRule[] => {
  // rules that every profile has stand where the profile does
  const places = [...source.files, ...source.rules, ...source.capabilityRules].map(({ place }) => place)
    .filter(({ offset }) => offset !== source.place.offset)
  const byLine = new Map(places.map((place) => [place.line, place.excerpt.trim()]))
  return [...byLine].toSorted(([a], [b]) => a - b).map(([line, text]) => ({ line, text }))
}

const ruleOf = ({ place, text }: RuleText): ProfileRule => ({ line: place.line, text })

const REASONS = {
  rule: 'a rule allows it',
  missing: 'no rule allows it',
  denied: 'a rule denies it',
  unconfined: 'the profile is unconfined',
  'not-mediated': 'the policy does not mediate this class',
} as const

const decisionOf = (
  profiles: readonly CompiledProfile[],
  { profile, kind, what, owner }: ApparmorQuestion,
): Pick<ApparmorAnswer, 'decision' | 'mistake'> => {
  const compiled = profiles.find((one) => one.profile.name === profile)
  if (compiled === undefined || what.trim() === '') return { decision: null, mistake: null }
  try {
    const found = decide(compiled, questionOf(kind, what.trim().split(/\s+/)), { owner })
    const { allowed, complain, reason, rules, nearest } = found
    const decision = {
      allowed,
      complain,
      reason: REASONS[reason],
      rules: rules.map(ruleOf),
      nearest: nearest === null ? null : ruleOf(nearest),
    }
    return { decision, mistake: null }
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error
    return { decision: null, mistake: error.hint === null ? error.summary : `${error.summary} (${error.hint})` }
  }
}

const edgeLabel = ({ by, programs, fallback, place }: ExecEdge): string => {
  const how = by === 'exec' ? `executes ${programs}` : by === 'change_hat' ? 'changes hat' : 'changes profile'
  const otherwise = fallback === null ? '' : `, else ${fallback === 'inherit' ? 'stays' : 'unconfined'}`
  return `${how}${otherwise}, ${FILE}:${place.line}`
}

const changesOf = (machine: Machine, { text, compiled }: ProfileText): readonly string[] | null => {
  const loaded = loadedOf(machine)
  if (text === loaded.text) return null
  return policyChanges(loaded.compiled.binary, compiled.binary)
    .slice(0, MOST)
    .map(({ profile, text: words, example }) => `${profile}: ${words}${example === null ? '' : `, as ${example}`}`)
}

export const askApparmor = (machine: Machine, question: ApparmorQuestion): ApparmorAnswer => {
  let fault: ProfileFault | null = null
  let asked = loadedOf(machine)
  try {
    asked = textOf(machine, question.draft)
  } catch (error) {
    fault = faultOf(error)
  }
  const { profiles, warnings } = asked.compiled
  const { edges, leaves } = execGraph(profiles)
  return {
    file: FILE,
    loaded: loadedOf(machine).text,
    isInStack: machine.made.apparmor !== null,
    fault,
    profiles: profiles.map((compiled) => ({
      name: compiled.profile.name,
      attachment: compiled.source.attachment,
      mode: compiled.profile.mode,
      rules: rulesOf(compiled),
    })),
    warnings: warnings.map(({ message, place }) => `${place === null ? '' : `${FILE}:${place.line}: `}${message}`),
    edges: edges.map((edge) => ({ source: edge.from, target: edge.to, label: edgeLabel(edge) })),
    leaves: [...leaves.values()].map((way) => way.join(' → ')),
    forms: questionForms,
    changes: fault === null ? changesOf(machine, asked) : null,
    ...decisionOf(profiles, question),
  }
}

/** One write to a file of apparmorfs, by process 1. 0 or -errno. */
const written = ({ quiet: { sys, init } }: Machine, name: string, bytes: Uint8Array): number => {
  const fd = sys.openat(init, AT_FDCWD, `/sys/kernel/security/apparmor/${name}`, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(init, fd, bytes)
  sys.close(init, fd)
  return Math.min(rc, 0)
}

/**
 * Replaces the profiles of the kernel that runs: programs go on under the new ones, and profiles that the text lacks
 * are removed. Throws an Error for people where the kernel refuses.
 */
export const loadProfiles = (machine: Machine, text: string): ProfileFault | null => {
  const { apparmor } = machine.made
  if (apparmor === null) throw new Error('`apparmor` is not in the stack: switch it on first')
  const fault = checkProfileText(text)
  if (fault !== null) return fault
  const next = lastDraft!
  const names = new Set(next.compiled.profiles.map(({ profile }) => profile.name))
  const gone = apparmor.loaded.compiled.profiles.map(({ profile }) => profile.name).filter((name) => !names.has(name))
  machine.quietly(() => {
    const rc = written(machine, '.replace', writePolicy(next.compiled.binary))
    if (rc < 0) throw new Error(`the kernel refuses the profiles: ${errnoName(rc)}`)
    // a parent takes its children with it
    for (const name of gone) written(machine, '.remove', new TextEncoder().encode(name))
  })
  apparmor.loaded = next
  return null
}
