/** The types that a component declares. */
import { malformed, readAliasTarget, readExternName, readName, readSort, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import { readCoreType } from './read-core-types.ts'
import type { Declaration, Extern, Part, TypePart, TypeRef } from './parts.ts'

const PRIMITIVES: Readonly<Record<number, string>> = {
  0x7f: 'bool', 0x7e: 's8', 0x7d: 'u8', 0x7c: 's16', 0x7b: 'u16', 0x7a: 's32', 0x79: 'u32', 0x78: 's64', 0x77: 'u64',
  0x76: 'f32', 0x75: 'f64', 0x74: 'char', 0x73: 'string', 0x64: 'error-context',
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

export const optional = <T>(c: SectionCursor, read: (c: SectionCursor) => T): T | null => {
  const byte = c.byte()
  if (byte > 1) throw malformed(c)
  return byte === 0 ? null : read(c)
}

const fields = (c: SectionCursor): (readonly [string, TypeRef])[] =>
  vector(c, () => {
    const name = readName(c)
    return [name, valueType(c)] as const
  })

export const results = (c: SectionCursor): TypeRef | null => {
  const form = c.byte()
  if (form === 0) return valueType(c)
  if (form !== 1 || c.byte() !== 0) throw malformed(c)
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
    case 0x70: return { kind: 'list', of: valueType(c), length: null }
    case 0x67: return { kind: 'list', of: valueType(c), length: c.u32() }
    case 0x63: return { kind: 'map', key: valueType(c), value: valueType(c) }
    case 0x6f: return { kind: 'tuple', items: vector(c, () => valueType(c)) }
    case 0x6e: return { kind: 'flags', names: vector(c, () => readName(c)) }
    case 0x6d: return { kind: 'enum', names: vector(c, () => readName(c)) }
    case 0x6b: return { kind: 'option', of: valueType(c) }
    case 0x6a: return { kind: 'result', ok: optional(c, valueType), error: optional(c, valueType) }
    case 0x69: case 0x68: return { kind: byte === 0x69 ? 'own' : 'borrow', type: c.u32() }
    case 0x66: case 0x65: return { kind: byte === 0x66 ? 'stream' : 'future', of: optional(c, valueType) }
    case 0x40: case 0x43:
      return { kind: 'func', isAsync: byte === 0x43, params: fields(c), result: results(c) }
    case 0x41: return { kind: 'component', declarations: vector(c, () => declaration(c, depth, true)) }
    case 0x42: return { kind: 'instance', declarations: vector(c, () => declaration(c, depth, false)) }
    case 0x3f:
      if (c.byte() !== 0x7f) throw malformed(c)
      return { kind: 'resource', destroy: optional(c, () => c.u32()) }
    default: throw unknown('type', byte)
  }
}

export const readAlias = (c: SectionCursor): Extract<Part, { kind: 'alias' | 'outer alias' }> => {
  const sort = readSort(c)
  const target = readAliasTarget(c)
  if (!('name' in target)) return { kind: 'outer alias', sort, ...target }
  const { isCore, ...named } = target
  if (isCore !== (sort.startsWith('core ') && sort !== 'core module')) throw malformed(c)
  return { kind: 'alias', sort, ...named }
}

const declaration = (c: SectionCursor, depth: number, mayImport: boolean): Declaration => {
  const kind = c.byte()
  switch (kind) {
    case 0x00: return { kind: 'core type', type: readCoreType(c) }
    case 0x01: return { kind: 'type', type: readType(c, depth + 1) }
    case 0x02: return readAlias(c)
    case 0x03: case 0x04:
      if (kind === 0x03 && !mayImport) throw malformed(c)
      return { kind: kind === 0x03 ? 'import' : 'export', name: readExternName(c), extern: readExtern(c) }
    default: throw unknown('declaration', kind)
  }
}

/** The description of an import or an export. */
export const readExtern = (c: SectionCursor): Extern => {
  const kind = c.byte()
  switch (kind) {
    case 0x00:
      if (c.byte() !== 0x11) throw malformed(c)
      return { sort: 'core module', type: c.u32() }
    case 0x01: return { sort: 'func', type: c.u32() }
    case 0x03: return { sort: 'type', type: typeBound(c) }
    case 0x04: return { sort: 'component', type: c.u32() }
    case 0x05: return { sort: 'instance', type: c.u32() }
    default: throw unknown('import', kind)
  }
}

const typeBound = (c: SectionCursor): number | null => {
  const bound = c.byte()
  if (bound > 1) throw malformed(c)
  return bound === 0 ? c.u32() : null
}
