/** `.load`, `.replace` and `.remove`: policy is written whole, by whoever administrates it. */
import { ESPIPE } from '@lsmkit/abi'
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import { subjectField } from '../audit/record.ts'
import type { Namespace } from '../domain/objects.ts'
import { policyRecordText } from '../domain/policy-record-text.ts'
import type { PolicyRecord } from '../domain/policy-record.ts'
import type { ChangeOptions } from '../domain/policy-store.ts'
import { bytesName } from '../name.ts'
import { untilNul } from '../policydb/stream.ts'
import { currentLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { mayManage } from './admin.ts'

/** AUDIT_AVC: status records come as those of decisions do. */
const AUDIT_TYPE = 1400

/** Writes what the kernel logs of a change. What is said of a stream names the last profile of the writer's label. */
const recorder = (aa: Apparmor) => (record: PolicyRecord): void => {
  const label = currentLabel(aa)
  const subject = subjectField(aa, record.operation === null ? label.profile.label : label)
  const text = policyRecordText(record, subject, aa.ctx.audit.common(null), aa.settings.auditHeader)
  const { operation, name, info, error } = record
  aa.ctx.audit.emit({ kind: 'text', type: AUDIT_TYPE, text, details: { operation, name, info, error } })
}

/** Changes the policy of a namespace: 0 or -errno. */
type Change = (data: Uint8Array, options: ChangeOptions) => number

/** The three files of a namespace, below `prefix`. `namespaceOf` is asked at each write. */
export const policyFiles = (
  aa: Apparmor, namespaceOf: () => Namespace, prefix: string, mode: number,
): PseudoFile[] => {
  const record = recorder(aa)
  const { store } = aa
  const file = (name: string, operation: string, change: Change): PseudoFile => ({
    name: `${prefix}${name}`,
    mode,
    write(io: PseudoIo, data: Uint8Array) {
      const namespace = namespaceOf()
      const rc = mayManage(aa, operation, namespace, io.file.f_cred)
      if (rc !== 0) return rc
      if (io.pos !== 0) return -ESPIPE
      return change(data, { namespace, record }) || data.length
    },
  })
  return [
    file('.load', 'profile_load', (data, options) => store.load(data, false, options)),
    file('.replace', 'profile_replace', (data, options) => store.load(data, true, options)),
    file('.remove', 'profile_remove', (data, options) => store.remove(bytesName(untilNul(data)), options)),
  ]
}
