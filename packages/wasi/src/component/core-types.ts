/** Types of the imports and exports of core modules, and whether one may stand for another. */
import { Cursor } from '../binary/leb128.ts'
import { EXPORT, FUNCTION, GLOBAL, IMPORT, MEMORY, readSections, TABLE, TAG, TYPE } from '../binary/sections.ts'
import { skipExpression } from '../binary/declared.ts'

interface Limits {
  readonly initial: number
  /** Infinity where there is none. */
  readonly maximum: number
  /** Whether it is shared, and of 64 bits. */
  readonly flags: number
}

export type CoreExtern =
  /** `i32,i32->i64`; null for a type that is not read here. */
  | { readonly kind: 'func'; readonly signature: string | null }
  | { readonly kind: 'table'; readonly of: string; readonly limits: Limits }
  | { readonly kind: 'memory'; readonly limits: Limits }
  | { readonly kind: 'global' | 'tag'; readonly of: string }

export interface CoreModuleType {
  readonly imports: readonly (readonly [module: string, name: string, type: CoreExtern])[]
  readonly exports: ReadonlyMap<string, CoreExtern>
}

const VALUES: Readonly<Record<number, string>> = {
  0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128', 0x70: 'funcref', 0x6f: 'externref',
}

export const signatureOfCore = (params: readonly string[], results: readonly string[]): string =>
  `${params.join()}->${results.join()}`

const decoder = new TextDecoder()

const name = (c: Cursor): string => {
  const length = c.u32()
  const start = c.at
  c.skip(length)
  return decoder.decode(c.bytes.subarray(start, c.at))
}

const many = <T>(c: Cursor, read: () => T): T[] => {
  const entries: T[] = []
  for (let left = c.u32(); left > 0; left--) entries.push(read())
  return entries
}

/** A type of values. Those of references to types of the module are kept as their bytes. */
export const coreValue = (c: Cursor): string => {
  const start = c.at
  const byte = c.byte()
  const known = VALUES[byte]
  if (known !== undefined) return known
  if (byte === 0x63 || byte === 0x64) c.skipInt(33)
  return [...c.bytes.subarray(start, c.at)].join('.')
}

const limits = (c: Cursor): Limits => {
  const flags = c.byte()
  const initial = c.u32()
  return { initial, maximum: (flags & 1) !== 0 ? c.u32() : Infinity, flags: flags & 6 }
}

/** The description behind the names of an import. `types` are signatures by their index. */
export const coreExtern = (c: Cursor, types: readonly (string | null)[]): CoreExtern => {
  const kind = c.byte()
  switch (kind) {
    case 0x00: return { kind: 'func', signature: types[c.u32()] ?? null }
    case 0x01: return { kind: 'table', of: coreValue(c), limits: limits(c) }
    case 0x02: return { kind: 'memory', limits: limits(c) }
    case 0x03: return { kind: 'global', of: `${coreValue(c)} ${c.byte()}` }
    default:
      c.byte()
      return { kind: 'tag', of: types[c.u32()] ?? '' }
  }
}

export const functionType = (c: Cursor): string =>
  signatureOfCore(many(c, () => coreValue(c)), many(c, () => coreValue(c)))

/** Signatures of the types of a module; null from the first that is not one of a function by itself. */
const signatures = (c: Cursor): (string | null)[] => {
  const found: (string | null)[] = []
  for (let left = c.u32(); left > 0; left--) {
    if (c.byte() !== 0x60) break
    found.push(functionType(c))
  }
  return found
}

const table = (c: Cursor): CoreExtern => {
  const hasExpression = c.bytes[c.at] === 0x40
  if (hasExpression) c.skip(2)
  const of = coreValue(c)
  const extent = limits(c)
  if (hasExpression) skipExpression(c)
  return { kind: 'table', of, limits: extent }
}

const global = (c: Cursor): CoreExtern => {
  const of = `${coreValue(c)} ${c.byte()}`
  skipExpression(c)
  return { kind: 'global', of }
}

const tag = (c: Cursor, types: readonly (string | null)[]): CoreExtern => {
  c.byte()
  return { kind: 'tag', of: types[c.u32()] ?? '' }
}

/** The kinds of exports by their byte. */
const KINDS = ['func', 'table', 'memory', 'global', 'tag'] as const

/** The imports and exports of a core module. Throws a ProgramError for bytes that are not a module. */
export const coreModuleType = (bytes: Uint8Array): CoreModuleType => {
  let types: (string | null)[] = []
  const imports: [string, string, CoreExtern][] = []
  const exports = new Map<string, CoreExtern>()
  const spaces: Record<CoreExtern['kind'], CoreExtern[]> = { func: [], table: [], memory: [], global: [], tag: [] }
  const readers: Readonly<Record<number, (c: Cursor) => void>> = {
    [IMPORT]: (c) => void many(c, () => {
      const [module, field, type] = [name(c), name(c), coreExtern(c, types)]
      imports.push([module, field, type])
      spaces[type.kind].push(type)
    }),
    [FUNCTION]: (c) => void many(c, () => spaces.func.push({ kind: 'func', signature: types[c.u32()] ?? null })),
    [TABLE]: (c) => void many(c, () => spaces.table.push(table(c))),
    [MEMORY]: (c) => void many(c, () => spaces.memory.push({ kind: 'memory', limits: limits(c) })),
    [TAG]: (c) => void many(c, () => spaces.tag.push(tag(c, types))),
    [GLOBAL]: (c) => void many(c, () => spaces.global.push(global(c))),
    [EXPORT]: (c) => void many(c, () => {
      const exported = name(c)
      const kind = KINDS[c.byte()]
      const type = kind === undefined ? undefined : spaces[kind][c.u32()]
      if (type !== undefined) exports.set(exported, type)
    }),
  }
  for (const { id, body } of readSections(bytes)) {
    if (id === TYPE) types = signatures(new Cursor(body))
    else if (Object.hasOwn(readers, id)) readers[id]!(new Cursor(body))
  }
  return { imports, exports }
}

const within = (actual: Limits, expected: Limits): boolean =>
  actual.flags === expected.flags && actual.initial >= expected.initial && actual.maximum <= expected.maximum

/** Whether a value of the one type may be given where the other is asked for. */
export const coreFits = (actual: CoreExtern, expected: CoreExtern): boolean => {
  if (actual.kind === 'func')
    return expected.kind === 'func' &&
      (actual.signature === null || expected.signature === null || actual.signature === expected.signature)
  if (actual.kind === 'memory') return expected.kind === 'memory' && within(actual.limits, expected.limits)
  if (actual.kind === 'table')
    return expected.kind === 'table' && actual.of === expected.of && within(actual.limits, expected.limits)
  return actual.kind === expected.kind && actual.of === expected.of
}

/** The same of modules: one that fits imports less, and exports more. */
export const moduleFits = (actual: CoreModuleType, expected: CoreModuleType): boolean =>
  actual.imports.every(([module, field, type]) => {
    const given = expected.imports.find(([of, one]) => of === module && one === field)
    return given !== undefined && coreFits(given[2], type)
  }) && [...expected.exports].every(([field, type]) => {
    const own = actual.exports.get(field)
    return own !== undefined && coreFits(own, type)
  })
