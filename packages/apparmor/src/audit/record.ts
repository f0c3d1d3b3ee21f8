/** Records to the letter (audit.c): what was asked, by whom, what became of it. */
import { AUDIT_AVC, EACCES, EPERM, SIGKILL } from '@lsmkit/abi'
import type { AuditObject } from '@lsmkit/core'
import { labelText } from '../domain/label-text.ts'
import type { Label, LoadedProfile, Namespace } from '../domain/objects.ts'
import { auditModeOf } from '../domain/policy-store.ts'
import type { Apparmor } from '../state.ts'
import { isMode } from '../state.ts'
import { untrusted } from '../untrusted.ts'

export type RecordType = 'AUDIT' | 'ALLOWED' | 'DENIED' | 'STATUS' | 'ERROR' | 'KILLED'

/** `struct apparmor_audit_data`. */
export interface AuditData {
  readonly operation: string | null
  /** The name of the class; null for none. */
  readonly class: string | null
  readonly name?: string | null
  readonly info?: string | null
  /** 0 or -errno. */
  readonly error: number
  /** Core's description of the object, behind pid and comm. */
  readonly object?: AuditObject | null
  /** The fields behind that. */
  fields?(profile: LoadedProfile): string
}

/** As `aa_label_xaudit`: the text of a label, quoted or in hexadecimal. */
export const labelField = (from: Namespace, label: Label, inside = false): string =>
  untrusted(labelText(from, label, { inside }))

/** ` profile="…"` or ` label="…"`, as `audit_pre` names the one who asked. */
export const subjectField = ({ store: { root } }: Apparmor, label: Label): string => {
  if (!label.isProfile) return ` label=${labelField(root, label, true)}`
  const { namespace, hname } = label.profile
  const said = namespace === root ? '' : ` namespace=${untrusted(namespace.hname)}`
  return `${said} profile=${untrusted(hname)}`
}

/** As `aa_audit_msg`. */
export const emitRecord = (aa: Apparmor, type: RecordType, subject: Label, data: AuditData): void => {
  const { operation, class: of, name = null, info = null, error, object = null } = data
  const why = info === null ? '' : ` info="${info}"${error === 0 ? '' : ` error=${error}`}`
  const head = aa.settings.auditHeader ? `apparmor="${type}"` : ''
  const text = `${head}${operation === null ? '' : ` operation="${operation}"`}` +
    `${of === null ? '' : ` class="${of}"`}${why}${subjectField(aa, subject)}` +
    `${name === null ? '' : ` name=${untrusted(name)}`}${aa.ctx.audit.common(object)}` +
    (data.fields?.(subject.profile) ?? '')
  const details = { type, operation, class: of, profile: subject.profile.hname, name, info, error }
  aa.ctx.audit.emit({ kind: 'text', type: AUDIT_AVC, text, details })
}

/** A denial in words, for the framework's record of it: quiet ones have no other. */
export interface DenialWords extends Pick<AuditData, 'operation' | 'info' | 'error'> {
  /** The denied permissions, in the letters or words of a record. */
  readonly denied?: string
  /** A rule denies it; otherwise none allows it. */
  readonly isExplicit?: boolean
}

/** Gives the framework the reason of a refusal. */
export const noteDenial = (aa: Apparmor, { hname }: LoadedProfile, words: DenialWords): void => {
  const { operation, info = null, error, denied = operation ?? 'it', isExplicit = false } = words
  const why = `the profile \`${hname}\` ${isExplicit ? 'denies' : 'does not allow'} \`${denied}\``
  aa.ctx.audit.deny(error, info === null ? why : `${why}: ${info}`, { profile: hname, denied })
}

/** As `complain_error`: what a profile in complain mode lets pass. */
export const complainError = (error: number): number => (error === -EPERM || error === -EACCES ? 0 : error)

/**
 * As `aa_audit`. Without a type it is that of the outcome and the mode. Gives what is answered: 0 where a complaining
 * profile only records.
 */
export const auditProfile = (
  aa: Apparmor, given: RecordType | null, profile: LoadedProfile, data: AuditData,
): number => {
  const mode = auditModeOf(aa.store, profile)
  const { error } = data
  if (error !== 0) noteDenial(aa, profile, data)
  let type = given
  if (type === null) {
    if (error === 0 && mode !== 'all') return 0
    type = error === 0 ? 'AUDIT' : isMode(aa, profile, 'complain') ? 'ALLOWED' : 'DENIED'
  }
  if (mode === 'quiet' || (type === 'DENIED' && mode === 'quiet_denied')) return error
  if (type === 'DENIED' && isMode(aa, profile, 'kill')) type = 'KILLED'
  emitRecord(aa, type, profile.label, data)
  if (type === 'KILLED') aa.ctx.host.services?.send_signal(aa.ctx.current.task, SIGKILL, false)
  return type === 'ALLOWED' ? complainError(error) : error
}
