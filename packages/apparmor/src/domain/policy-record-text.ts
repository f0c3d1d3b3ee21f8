/** Records of changes of policy as the kernel writes them (`audit_policy`, `audit_iface`). */
import { untrusted } from '../untrusted.ts'
import type { PolicyRecord } from './policy-record.ts'

/**
 * The text behind the time stamp. `subject` is what names the one who did it, ` profile="unconfined"`, and `common`
 * stands behind it, ` pid=7 comm="cat"`. `hasHeader` is the parameter `audit_header`.
 */
export const policyRecordText = (
  record: PolicyRecord, subject: string, common: string, hasHeader: boolean,
): string => {
  const { operation, name, namespace, info, error, offset } = record
  const named = name === null ? '' : ` name=${untrusted(name)}`
  const why = info === null ? '' : ` info="${info}"${error === 0 ? '' : ` error=${error}`}`
  const what = operation === null ? '' : ` operation="${operation}"`
  const ns = namespace === null ? '' : ` ns=${untrusted(namespace)}`
  // what is said while a stream is read has the name again
  const at = operation === null ? `${named}${offset === null || offset === 0 ? '' : ` offset=${offset}`}` : ''
  return `${hasHeader ? 'apparmor="STATUS"' : ''}${what}${why}${subject}${named}${common}${ns}${at}`
}
