/** The answers of other profiles to the accesses in a log. */
import { ownValue } from '@lsmkit/abi'
import type { Replayed } from '@lsmkit/core/policy/audit-log'
import type { CompiledProfile } from '../profile/compile.ts'
import type { Decision } from './decide.ts'
import { decidersOf } from './deciders.ts'
import type { AskedPolicy, Decider } from './deciders.ts'
import { deniedMask, ruleLetters } from './log.ts'
import type { ApparmorRecord } from './log.ts'
import { QuestionError, questionOf } from './question.ts'
import type { RuleText } from './rule-text.ts'

export interface LoggedAccess {
  readonly kind: string
  readonly words: readonly string[]
}

/** Letters that a question may have. */
const fileLetters = (mask: string): string =>
  [...ruleLetters(mask)].filter((letter) => 'rwaxmkl'.includes(letter)).join('')

type Reading = (field: (name: string) => string, mask: string) => LoggedAccess | null

/** Records whose operation says what they are about. */
const byOperation: Readonly<Record<string, Reading>> = {
  capable: (field) => ({ kind: 'capability', words: [field('capname')] }),
  ptrace: (field, mask) => ({ kind: 'ptrace', words: [mask, field('peer')] }),
  signal: (field, mask) => ({ kind: 'signal', words: [mask, field('signal'), field('peer')] }),
  userns_create: () => ({ kind: 'userns', words: [] }),
  uring_sqpoll: () => ({ kind: 'io_uring', words: ['sqpoll'] }),
  uring_override: (field) => ({ kind: 'io_uring', words: ['override_creds', field('peer')] }),
  change_profile: (field) => ({ kind: 'change_profile', words: [field('target') || field('name')] }),
  mount: (field) => ({ kind: 'mount', words: [field('srcname'), field('name'), field('fstype')] }),
  umount: (field) => ({ kind: 'umount', words: [field('name')] }),
}

/** The question that a record stands for; null where none can be made of it. */
export const loggedAccessOf = (record: ApparmorRecord): LoggedAccess | null => {
  const { operation, fields } = record
  const field = (name: string): string => fields.get(name) ?? ''
  const mask = deniedMask(record)
  const reading = ownValue(byOperation, operation)
  if (reading !== undefined) return reading(field, mask)
  if (fields.has('family')) return { kind: 'network', words: [field('family'), field('sock_type')] }
  const letters = fileLetters(mask)
  return field('name').startsWith('/') && letters !== '' ? { kind: 'file', words: [field('name'), letters] } : null
}

export const ownerOf = ({ fields }: ApparmorRecord): boolean => fields.get('fsuid') === fields.get('ouid')

const whyOf = ({ reason, rules, nearest }: Decision): string => {
  const [rule] = rules
  if (reason === 'denied') return rule === undefined ? 'a rule denies it' : `denied by ${rule.place}: ${rule.text}`
  if (reason !== 'missing') return ''
  return nearest === null ? 'no rule allows it' : `no rule allows it; nearest is ${nearest.place}: ${nearest.text}`
}

/** Null where a record asks what no question can be made of. */
export const ask = (decider: Decider, { kind, words }: LoggedAccess, owner: boolean): Decision | null => {
  try {
    return decider(questionOf(kind, words), { owner })
  } catch (error) {
    if (error instanceof QuestionError) return null
    throw error
  }
}

/** Records of profiles that the policy lacks are passed over, and so are those that no question can be made of. */
export function* replayedApparmor(records: Iterable<ApparmorRecord>, policy: AskedPolicy): Generator<Replayed> {
  const byName = decidersOf(policy)
  for (const record of records) {
    const decider = byName.get(record.profile)
    const asked = loggedAccessOf(record)
    const decision = decider === undefined || asked === null ? null : ask(decider, asked, ownerOf(record))
    if (decision === null) continue
    const was = record.type === 'DENIED' || record.type === 'KILLED' ? 'denied' : 'granted'
    const now = decision.allowed || decision.complain ? 'granted' : 'denied'
    const access = `${record.profile}: ${[asked!.kind, ...asked!.words].filter((word) => word !== '').join(' ')}`
    yield { line: record.line, was, now, access, why: whyOf(decision) }
  }
}

/** A record that a rule of the profile denies: a rule that allows it would change nothing. */
export interface ForbiddenRecord {
  readonly record: ApparmorRecord
  readonly rule: RuleText
}

/** The records that `deny` rules of these profiles answer. */
export const forbiddenRecords = (
  records: Iterable<ApparmorRecord>, policy: readonly CompiledProfile[],
): readonly ForbiddenRecord[] => {
  const byName = decidersOf(policy)
  return [...records].flatMap((record) => {
    const decider = byName.get(record.profile)
    const asked = loggedAccessOf(record)
    const decision = decider === undefined || asked === null ? null : ask(decider, asked, ownerOf(record))
    const [rule] = decision?.reason === 'denied' ? decision.rules : []
    return rule === undefined ? [] : [{ record, rule }]
  })
}
