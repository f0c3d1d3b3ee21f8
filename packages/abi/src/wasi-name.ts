/** Names of WASI errors and rights. */
import { flagText, nameTable } from './name-table.ts'
import * as errors from './wasi-errno.ts'
import * as rights from './wasi-rights.ts'
import { WASI_RIGHTS_ALL } from './wasi-rights.ts'

export const wasiErrnoTable = /* @__PURE__ */ nameTable(errors, /^WASI_ERRNO_/)
export const wasiRightsTable = /* @__PURE__ */ nameTable(rights, /^WASI_RIGHTS_(?!ALL$)/)

/** `noent` for 44, in the spelling of the interface definition; a number without a name is printed as a number. */
export const wasiErrnoName = (error: number): string =>
  wasiErrnoTable.nameOf(error)?.replace('WASI_ERRNO_', '').toLowerCase() ?? String(error)

/** `fd_read|fd_seek`; all rights as `all`, none as `0`. */
export const wasiRightsText = (bits: number): string =>
  bits === WASI_RIGHTS_ALL ? 'all' : flagText(wasiRightsTable, bits).replaceAll('WASI_RIGHTS_', '').toLowerCase()
