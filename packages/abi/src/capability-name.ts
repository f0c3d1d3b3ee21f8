/** Names of capabilities: `CAP_CHOWN` as the kernel spells it, `cap_chown` as libcap does. */
import * as capability from './capability.ts'
import { CAP_LAST_CAP } from './capability.ts'
import { nameTable } from './name-table.ts'

const isCapability = /^CAP_(?!OPT_|LAST_CAP$)/

export const capTable = /* @__PURE__ */ nameTable(capability, isCapability)

/** `CAP_CHOWN`; a number without a name is printed as a number. */
export const capName = (cap: number): string => capTable.nameOf(cap) ?? String(cap)

/** The number of `CAP_CHOWN` or `cap_chown`, in any case. */
export const capByName = (name: string): number | undefined => capTable.numberOf(name.toUpperCase())

/** As `cap_valid`: a number this kernel gives a meaning to. */
export const capValid = (cap: number): boolean => cap >= 0 && cap <= CAP_LAST_CAP
