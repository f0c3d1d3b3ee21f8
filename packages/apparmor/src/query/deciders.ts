/** Profiles to put questions to, whether their text is there or a binary alone. */
import { checkOptions } from '@lsmkit/core/option-rules'
import type { PolicyBinary } from '../policydb/policy.ts'
import type { CompiledProfile } from '../profile/compile.ts'
import { decide, decideRules } from './decide.ts'
import type { DecideOptions, Decision } from './decide.ts'
import { decideLoaded, loadedProfiles } from './decide-binary.ts'
import type { Question } from './question.ts'

/** Profiles compiled from text, whose decisions name rules, or a binary, whose decisions name none. */
export type AskedPolicy = readonly CompiledProfile[] | PolicyBinary

/** `decide` of one profile. Throws OptionError. */
export type Decider = (question: Question, options?: DecideOptions) => Decision

const isBinary = (policy: AskedPolicy): policy is PolicyBinary => 'version' in policy

export const deciderOf = (compiled: CompiledProfile): Decider =>
  (question, options) => decide(compiled, question, options)

/** By the whole name of the profile: `parent//child` for a child. */
export const decidersOf = (policy: AskedPolicy): ReadonlyMap<string, Decider> => new Map(isBinary(policy)
  ? loadedProfiles(policy).map((loaded): [string, Decider] => [loaded.hname, (question, options = {}) => {
    checkOptions(options, decideRules, 'decide')
    return decideLoaded(loaded, question, options.owner)
  }])
  : policy.map((compiled): [string, Decider] => [compiled.profile.name, deciderOf(compiled)]))
