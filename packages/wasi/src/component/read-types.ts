/** The types that a component declares. Those of instances and components are only passed. */
import { malformed, readAliasTarget, readExternName, readName, readSort, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import type { TypePart, TypeRef } from './parts.ts'

const PRIMITIVES: Readonly<Record<number, string>> = {
  0x7f: 'bool', 0x7e: 's8', 0x7d: 'u8', 0x7c: 's16', 0x7b: 'u16', 0x7a: 's32', 0x79: 'u32', 0x78: 's64', 0x77: 'u64',
  0x76: 'f32', 0x75: 'f64', 0x74: 'char', 0x73: 'string',
}
/** Types that lie within types. */
const MOST_DEPTH = 64

const valueType = (c: SectionCursor): TypeRef => {
  const byte = c.bytes[c.at] ?? 0
  const name = PRIMITIVES[byte]
  if (name === undefined) return c.u32()
  c.skip(1)
  return name
}

const optional = <T>(c: SectionCursor, read: (c: SectionCursor) => T): T | null => {
  const byte = c.byte()
  if (byte > 1) throw malformed(c)
  return byte === 0 ? null : read(c)
}

const fields = (c: SectionCursor): (readonly [string, TypeRef])[] =>
  vector(c, () => {
    const name = readName(c)
    return [name, valueType(c)] as const
  })

const results = (c: SectionCursor): TypeRef | null => {
  if (c.byte() === 0) return valueType(c)
  if (c.byte() !== 0) throw malformed(c)
  return null
}

/** One type; `depth` of those around it. */
export const readType = (c: SectionCursor, depth = 0): TypePart => {
  if (depth > MOST_DEPTH) throw malformed(c)
  const byte = c.byte()
  const primitive = PRIMITIVES[byte]
  if (primitive !== undefined) return { kind: 'alias', of: primitive }
  switch (byte) {
    case 0x72: return { kind: 'record', fields: fields(c) }
    case 0x71: return { kind: 'variant', cases: vector(c, () => {
      const name = readName(c)
      const type = optional(c, valueType)
      if (c.byte() !== 0) throw malformed(c)
      return [name, type] as const
    }) }
    case 0x70: return { kind: 'list', of: valueType(c) }
    case 0x6f: return { kind: 'tuple', items: vector(c, () => valueType(c)) }
    case 0x6e: return { kind: 'flags', names: vector(c, () => readName(c)) }
    case 0x6d: return { kind: 'enum', names: vector(c, () => readName(c)) }
    case 0x6b: return { kind: 'option', of: valueType(c) }
    case 0x6a: return { kind: 'result', ok: optional(c, valueType), error: optional(c, valueType) }
    case 0x69: case 0x68:
      c.u32()
      return { kind: 'other' }
    case 0x40: return { kind: 'func', params: fields(c).map(([, type]) => type), result: results(c) }
    case 0x41: case 0x42:
      vector(c, () => skipDeclaration(c, depth))
      return { kind: 'other' }
    case 0x3f:
      if (c.byte() !== 0x7f) throw malformed(c)
      optional(c, () => c.u32())
      return { kind: 'other' }
    default: throw unknown('type', byte)
  }
}

/** What the type of an instance or a component says of it. */
const skipDeclaration = (c: SectionCursor, depth: number): void => {
  const kind = c.byte()
  switch (kind) {
    case 0x01: return void readType(c, depth + 1)
    case 0x02:
      readSort(c)
      return void readAliasTarget(c)
    case 0x03: case 0x04:
      readExternName(c)
      return void readExtern(c)
    default: throw unknown('declaration', kind)
  }
}

/** The declared sort of an import or an export. */
export const readExtern = (c: SectionCursor): ReturnType<typeof readSort> => {
  const kind = c.byte()
  switch (kind) {
    case 0x00:
      if (c.byte() !== 0x11) throw malformed(c)
      c.u32()
      return 'core module'
    case 0x01: case 0x04: case 0x05:
      c.u32()
      return kind === 0x01 ? 'func' : kind === 0x04 ? 'component' : 'instance'
    case 0x03:
      if (c.byte() === 0) c.u32()
      return 'type'
    default: throw unknown('import', kind)
  }
}
