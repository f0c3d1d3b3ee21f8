/** Names of audit record types, as auditd prints them. */
import * as audit from './audit.ts'
import { nameTable } from './name-table.ts'

export const auditTypeTable = /* @__PURE__ */ nameTable(audit, /^AUDIT_(?!FIRST_|LAST_)/)

/** `AVC` for 1400, without the `AUDIT_`; `UNKNOWN[n]` for a type without a name. */
export const auditTypeName = (type: number): string =>
  auditTypeTable.nameOf(type)?.replace('AUDIT_', '') ?? `UNKNOWN[${type}]`
