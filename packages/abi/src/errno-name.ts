/** Names of error numbers. */
import * as errno from './errno.ts'
import { nameTable } from './name-table.ts'

export const errnoTable = /* @__PURE__ */ nameTable(errno, /^E/, ['EWOULDBLOCK', 'EDEADLOCK'])

/** `EACCES` for 13 and for -13; a number without a name is printed as a number. */
export const errnoName = (rc: number): string => errnoTable.nameOf(Math.abs(rc)) ?? String(rc)

/** The positive number of `EACCES` or `-EACCES`, aliases included. */
export const errnoByName = (name: string): number | undefined => errnoTable.numberOf(name.replace(/^-/, ''))
