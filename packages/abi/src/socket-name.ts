/** Names of address families and socket types. */
import * as socket from './socket.ts'
import { nameTable } from './name-table.ts'

export const addressFamilyTable = /* @__PURE__ */ nameTable(socket, /^AF_(?!MAX$)/, ['AF_LOCAL', 'AF_ROUTE'])
export const socketTypeTable = /* @__PURE__ */ nameTable(socket, /^SOCK_(STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET)$/)

/** `AF_UNIX`; a number without a name is printed as a number. */
export const addressFamilyName = (family: number): string => addressFamilyTable.nameOf(family) ?? String(family)

/** `SOCK_STREAM`; a number without a name is printed as a number. */
export const socketTypeName = (type: number): string => socketTypeTable.nameOf(type) ?? String(type)
