/** Levels, ranges and contexts. */
import type { ByteWriter } from './byte-writer.ts'
import type { Context, Level, Range } from './policydb.ts'

const sameLevel = (a: Level, b: Level): boolean => a.sens === b.sens && a.cats.equals(b.cats)

export const writeLevel = (w: ByteWriter, { sens, cats }: Level): void => {
  w.u32(sens)
  w.ebitmap(cats)
}

/** A high level equal to the low one is left out. */
export const writeRange = (w: ByteWriter, { low, high }: Range): void => {
  const one = sameLevel(low, high)
  w.u32(one ? 1 : 2)
  w.u32(low.sens)
  if (!one) w.u32(high.sens)
  w.ebitmap(low.cats)
  if (!one) w.ebitmap(high.cats)
}

export const writeContext = (w: ByteWriter, { user, role, type, range }: Context): void => {
  w.u32(user)
  w.u32(role)
  w.u32(type)
  writeRange(w, range)
}
