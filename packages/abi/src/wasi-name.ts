/** Names of WASI errors and rights. */
import * as errno from './wasi-errno.ts'
import { WASI_RIGHTS_ALL } from './wasi-rights.ts'
import * as rights from './wasi-rights.ts'
import { flagText, nameTable } from './name-table.ts'

export const wasiErrnoTable = /* @__PURE__ */ nameTable(errno, /^WASI_ERRNO_/)
export const wasiRightsTable = /* @__PURE__ */ nameTable(rights, /^WASI_RIGHTS_(?!ALL$)/)

/** `noent` for 44, in the spelling of the interface definition; a number without a name is printed as it is. */
export const wasiErrnoName = (errno: number): string =>
  wasiErrnoTable.nameOf(errno)?.replace('WASI_ERRNO_', '').toLowerCase() ?? String(errno)

/** `fd_read|fd_seek`; all rights as `all`, none as `0`. */
export const wasiRightsText = (bits: number): string =>
  bits === WASI_RIGHTS_ALL ? 'all' : flagText(wasiRightsTable, bits).replaceAll('WASI_RIGHTS_', '').toLowerCase()
