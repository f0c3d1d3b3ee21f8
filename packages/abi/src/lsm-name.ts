/** Names of LSM ids and attributes. */
import * as lsm from './lsm.ts'
import { nameTable } from './name-table.ts'

export const lsmIdTable = /* @__PURE__ */ nameTable(lsm, /^LSM_ID_/)
export const lsmAttrTable = /* @__PURE__ */ nameTable(lsm, /^LSM_ATTR_/)

/** `LSM_ID_SMACK`; a number without a name is printed as a number. */
export const lsmIdName = (id: number): string => lsmIdTable.nameOf(id) ?? String(id)

/** `LSM_ATTR_CURRENT`; a number without a name is printed as a number. */
export const lsmAttrName = (attr: number): string => lsmAttrTable.nameOf(attr) ?? String(attr)
