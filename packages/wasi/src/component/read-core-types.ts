/** Types of core functions and modules, as a component declares them. */
import { malformed, readName, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import type { CoreTypePart } from './parts.ts'

const types = (c: SectionCursor): number[] => vector(c, () => c.byte())

/** One core type. Types of modules are read, and what is in them is not kept. */
export const readCoreType = (c: SectionCursor, isInModule = false): CoreTypePart => {
  const byte = c.byte()
  if (byte === 0x60) return { kind: 'core func', params: types(c), results: types(c) }
  if (byte !== 0x50 || isInModule) throw unknown('core type', byte)
  vector(c, () => moduleDeclaration(c))
  return { kind: 'core module' }
}

const moduleDeclaration = (c: SectionCursor): void => {
  const kind = c.byte()
  switch (kind) {
    case 0x00:
      readName(c)
      readName(c)
      return coreExtern(c)
    case 0x01: return void readCoreType(c, true)
    case 0x02:
      // an alias of a type around this one
      if (c.byte() !== 0x10 || c.byte() !== 0x01) throw malformed(c)
      c.u32()
      return void c.u32()
    case 0x03:
      readName(c)
      return coreExtern(c)
    default: throw unknown('declaration', kind)
  }
}

const coreExtern = (c: SectionCursor): void => {
  const kind = c.byte()
  switch (kind) {
    case 0x00: return void c.u32()
    case 0x01:
      c.byte()
      return limits(c)
    case 0x02: return limits(c)
    case 0x03:
      c.byte()
      return void c.byte()
    case 0x04:
      c.byte()
      return void c.u32()
    default: throw unknown('core import', kind)
  }
}

const limits = (c: SectionCursor): void => {
  const flags = c.byte()
  if (flags > 7) throw malformed(c)
  c.u32()
  if ((flags & 1) !== 0) c.u32()
}
