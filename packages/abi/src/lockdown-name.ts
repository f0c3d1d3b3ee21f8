/** Names of lockdown reasons. */
import * as lockdown from './lockdown.ts'
import { nameTable } from './name-table.ts'

export const lockdownTable = /* @__PURE__ */ nameTable(lockdown, /^LOCKDOWN_/)

/** `LOCKDOWN_KEXEC`; a number without a name is printed as a number. */
export const lockdownName = (reason: number): string => lockdownTable.nameOf(reason) ?? String(reason)
