/** Abstractions that would allow what a log says was missing. */
import type { CompiledProfile } from '../profile/compile.ts'
import type { ApparmorRecord } from './log.ts'
import { deciderOf } from './deciders.ts'
import { ask, loggedAccessOf, ownerOf } from './replay.ts'

/** A file that profiles include, compiled as the only content of a profile. */
export interface Abstraction {
  /** `abstractions/nameservice`. */
  readonly name: string
  readonly compiled: CompiledProfile
}

export interface ProposedAbstraction {
  readonly profile: string
  readonly name: string
  /** Records of the profile that it answers, of so many. */
  readonly answers: number
  readonly of: number
  /** Rules that it has: the fewer, the less it allows beside. */
  readonly rules: number
}

/** One that answers a single record is not worth what else it allows. */
const LEAST = 2

const answered = ({ compiled }: Abstraction, records: readonly ApparmorRecord[]): number =>
  records.filter((record) => {
    const asked = loggedAccessOf(record)
    return asked !== null && ask(deciderOf(compiled), asked, ownerOf(record))?.allowed === true
  }).length

const rulesOf = ({ compiled: { source } }: Abstraction): number =>
  source.files.length + source.rules.length + source.capabilityRules.length

/** By profile, the abstraction that allows least beside what it answers first. They are proposed; nothing changes. */
export const proposeAbstractions = (
  records: readonly ApparmorRecord[], abstractions: readonly Abstraction[],
): readonly ProposedAbstraction[] => {
  const missing = records.filter(({ type }) => type !== 'AUDIT')
  return [...new Set(missing.map(({ profile }) => profile))].flatMap((profile) => {
    const own = missing.filter((record) => record.profile === profile)
    return abstractions.flatMap((abstraction): ProposedAbstraction[] => {
      const answers = answered(abstraction, own)
      if (answers < LEAST) return []
      return [{ profile, name: abstraction.name, answers, of: own.length, rules: rulesOf(abstraction) }]
    }).sort((a, b) => b.answers / b.rules - a.answers / a.rules)
  })
}
