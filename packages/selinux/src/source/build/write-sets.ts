/** Writes sets of names, levels and ranges of a module. */
import type { ModuleUser, NameSet, WrittenLevel } from '../../module/module.ts'
import type { ByteWriter } from '../../policydb/byte-writer.ts'

export const writeSet = (w: ByteWriter, { names, without, flags }: NameSet): void => {
  w.ebitmap(names)
  w.ebitmap(without)
  w.u32(flags)
}

export const writeRoles = (w: ByteWriter, { names, flags }: NameSet): void => {
  w.ebitmap(names)
  w.u32(flags)
}

export const writeLevel = (w: ByteWriter, { sens, cats }: WrittenLevel): void => {
  w.u32(sens)
  w.list(cats, ([low, high]) => {
    w.u32(low)
    w.u32(high)
  })
}

export const writeRange = (w: ByteWriter, { low, high }: ModuleUser['range']): void => {
  writeLevel(w, low)
  writeLevel(w, high)
}
