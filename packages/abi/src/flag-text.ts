/** Masks as text, for traces and reports: `MAY_READ|MAY_OPEN`, `O_WRONLY|O_CREAT`. */
import * as mask from './mask.ts'
import * as open from './open.ts'
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY } from './open.ts'
import { flagText, nameTable } from './name-table.ts'

export const mayTable = /* @__PURE__ */ nameTable(mask, /^MAY_/)

/** `MAY_READ|MAY_OPEN`; unknown bits in hexadecimal, no bits as `0`. */
export const mayText = (bits: number): string => flagText(mayTable, bits)

export const openFlagTable = /* @__PURE__ */ nameTable(open, /^(?:__)?O_(?!ACCMODE|RDONLY|WRONLY|RDWR)/, ['O_NDELAY'])

/** `O_WRONLY|O_CREAT`: the access mode first, then the flags; access mode 3 is printed as `O_ACCMODE`. */
export const openFlagsText = (flags: number): string => {
  const access = flags & O_ACCMODE
  const mode =
    access === O_RDONLY ? 'O_RDONLY' : access === O_WRONLY ? 'O_WRONLY' : access === O_RDWR ? 'O_RDWR' : 'O_ACCMODE'
  const rest = flagText(openFlagTable, flags & ~O_ACCMODE)
  return rest === '0' ? mode : `${mode}|${rest}`
}
