/**
 * Records of decisions, as the kernel prints them (smack_log and common_lsm_audit). Text is made only of what
 * smackfs/logging asks for.
 */
import { AF_INET, AF_INET6, AUDIT_AVC } from '@lsmkit/abi'
import type { AuditKind, AuditObject, AuditSources, KernIpcPerm, SkBuff, Task } from '@lsmkit/core'
import { ALLOW, DENY, groundOf, UNCONFINED_OBJECT, UNCONFINED_SUBJECT, verdictCode, verdictOf } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Label } from './label.ts'
import { MAY_BRINGUP, modesText } from './modes.ts'
import { SMACK_AUDIT_ACCEPT, SMACK_AUDIT_DENIED } from './policy.ts'
import { ETH_P_IPV6 } from './packet.ts'
import type { Smack } from './state.ts'

/** Kinds of object: those of core, a packet that arrives, and none. */
export type Kind = AuditKind | 'packet' | 'nothing'
export type Source<K extends Kind> = K extends AuditKind ? AuditSources[K] : K extends 'packet' ? SkBuff : null

/** One decision and what it was about. */
export interface Question {
  /** Name of the kernel's function, as in the record. */
  readonly fn: string
  readonly subject: Label
  readonly object: Label
  readonly request: number
  /** The task that asks, where it is not the running one. */
  readonly other?: Task | null
}

const describe = ({ ctx: { audit } }: Smack, kind: Kind, source: unknown): AuditObject | null => {
  switch (kind) {
    case 'nothing':
      return null
    case 'ipc':
      // the number that stands behind ipc_key= is the id: Smack fills it in where SELinux has the key
      return { kind, key: (source as KernIpcPerm).id }
    case 'packet': {
      const { protocol, saddr, sport, daddr, dport, dev } = source as SkBuff
      const family = protocol === ETH_P_IPV6 ? AF_INET6 : AF_INET
      return audit.describe('net', { family, saddr, source: sport, daddr, dest: dport, netif: dev?.name ?? '' })
    }
    default:
      return audit.describe(kind, source as never)
  }
}

/** What stands behind the letters when an unconfined label has allowed it. */
const marks: Readonly<Record<number, string>> = { [UNCONFINED_SUBJECT]: '(US)', [UNCONFINED_OBJECT]: '(UO)' }

/** '' where the record says that labels differ. */
const lettersOf = ({ release }: Smack, request: number): string =>
  modesText(request & ~MAY_BRINGUP) || (release.namesEmptyRequest ? '-' : '')

/** The fields of another task than the running one, whose own stand behind. */
const otherTask = ({ release, ctx: { audit } }: Smack, other: Task | null): string =>
  (other === null || !release.namesOtherTask ? '' : ` subj_pid=${other.tgid} subj_comm=${audit.untrusted(other.comm)}`)

/** Allowed, not on trial, and nobody logs grants: `record` has nothing to say. */
export const isPlain = ({ policy }: Smack, decision: Decision): boolean =>
  verdictCode(decision) === ALLOW && (policy.logging & SMACK_AUDIT_ACCEPT) === 0

/**
 * As `smack_log`: refusals when logging has bit 1, grants when it has bit 2, and whatever was allowed on trial
 * always.
 */
export const record = <K extends Kind>(
  smack: Smack,
  question: Question,
  decision: Decision,
  kind: K,
  source: Source<K>,
): void => {
  const { logging } = smack.policy
  const code = verdictCode(decision)
  if (code === DENY && (logging & SMACK_AUDIT_DENIED) === 0) return
  if (code === ALLOW && (logging & SMACK_AUDIT_ACCEPT) === 0) return
  const { audit } = smack.ctx
  const subject = smack.policy.labels.text(question.subject)
  const object = smack.policy.labels.text(question.object)
  const letters = lettersOf(smack, question.request) + (marks[code] ?? '')
  const action = code === DENY ? 'denied' : 'granted'
  const requested = letters === '' ? ' labels_differ' : ` requested=${letters}`
  audit.emit({
    kind: 'text',
    type: AUDIT_AVC,
    text:
      `lsm=SMACK fn=${question.fn} action=${action} subject=${audit.untrusted(subject)}` +
      ` object=${audit.untrusted(object)}${requested}${otherTask(smack, question.other ?? null)}` +
      audit.common(describe(smack, kind, source)),
    details: {
      fn: question.fn, verdict: verdictOf(decision), ground: groundOf(decision), subject, object, requested: letters,
    },
  })
}
