/** Exports that limits add to a module: its fuel is not for others to fill. Packages of WIT may be named `lsmkit`. */
import { STARTER } from './defer-start.ts'
import { FUEL, REFILL } from './meter.ts'

const NAMES: ReadonlySet<string> = new Set([STARTER, FUEL, REFILL])

export const isOurExport = (name: string): boolean => NAMES.has(name)
