/** Types of core functions and modules, as a component declares them. */
import { coreExtern, functionType } from './core-types.ts'
import type { CoreExtern } from './core-types.ts'
import { malformed, readName, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import type { CoreTypePart } from './parts.ts'

/** Stands for a type around the one of a module. */
const UNKNOWN = '?'

/** The description of an import or export of a module, whose types are all known. */
const strictExtern = (c: SectionCursor, types: readonly (string | null)[]): CoreExtern => {
  const known = types.map((signature) => signature ?? UNKNOWN)
  const extern = coreExtern(c, known)
  if (extern.kind !== 'func') return extern
  if (extern.signature === null) throw malformed(c)
  return extern.signature === UNKNOWN ? { kind: 'func', signature: null } : extern
}

/** One core type. */
export const readCoreType = (c: SectionCursor): CoreTypePart => {
  const byte = c.byte()
  if (byte === 0x60) return { kind: 'core func', signature: functionType(c) }
  if (byte !== 0x50) throw unknown('core type', byte)
  const types: (string | null)[] = []
  const imports: (readonly [string, string, CoreExtern])[] = []
  const exports = new Map<string, CoreExtern>()
  vector(c, () => {
    const kind = c.byte()
    switch (kind) {
      case 0x00: return void imports.push([readName(c), readName(c), strictExtern(c, types)])
      case 0x01:
        if (c.byte() !== 0x60) throw unknown('core type', c.bytes[c.at - 1] ?? 0)
        return void types.push(functionType(c))
      case 0x02:
        // an alias of a type around this one
        if (c.byte() !== 0x10 || c.byte() !== 0x01) throw malformed(c)
        c.u32()
        c.u32()
        return void types.push(null)
      case 0x03: {
        const name = readName(c)
        if (exports.has(name)) throw malformed(c)
        return void exports.set(name, strictExtern(c, types))
      }
      default: throw unknown('declaration', kind)
    }
  })
  return { kind: 'core module', imports, exports }
}
