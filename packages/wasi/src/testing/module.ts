/** Assembles small modules for tests out of instruction bytes; functions and signatures are all it knows. */
import { leb, signedLeb } from '../binary/leb128.ts'
import { joinSections, SECTION_ORDER } from '../binary/sections.ts'

/** `i` is i32, `I` is i64: `iIi:i`. */
type Signature = string

export interface TestModule {
  /** Imported functions, numbered from 0: module, name, signature. */
  readonly imports?: readonly (readonly [module: string, name: string, signature: Signature])[]
  /** Own functions, numbered after the imports; the names are exports. */
  readonly functions: Readonly<Record<string, { signature?: Signature; locals?: number; code: readonly number[] }>>
  /** Pages at first, and at most. Exported as `memory`. */
  readonly memory?: readonly [initial: number, maximum?: number]
  /** Bytes or text placed at an address. */
  readonly data?: Readonly<Record<number, string | readonly number[]>>
  /** Types after those of the functions. */
  readonly types?: readonly (readonly number[])[]
  /** Other sections as they are, by id. */
  readonly sections?: Readonly<Record<number, readonly number[]>>
}

const vector = (entries: readonly (readonly number[])[]): number[] => [...leb(entries.length), ...entries.flat()]
const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes]
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)])
const types = (letters: string): number[] =>
  [...leb(letters.length), ...[...letters].map((l) => (l === 'I' ? 0x7e : 0x7f))]

const type = (signature: Signature): number[] => {
  const [params = '', results = ''] = signature.split(':')
  return [0x60, ...types(params), ...types(results)]
}

export const testModule = (of: TestModule): Uint8Array<ArrayBuffer> => {
  const { imports = [], functions, memory, data = {}, types: more = [], sections: others = {} } = of
  const own = Object.entries(functions)
  const signatures = [...imports.map(([, , signature]) => signature),
    ...own.map(([, { signature = ':' }]) => signature)]
  const exported = own.map(([name], i) => [...text(name), 0, ...leb(imports.length + i)])
  if (memory !== undefined) exported.push([...text('memory'), 2, 0])
  const limits = memory === undefined ? [] : [memory[1] === undefined ? [0, ...leb(memory[0])] : [1, ...leb(memory[0]),
    ...leb(memory[1])]]
  const segments = Object.entries(data).map(([at, value]) => [
    0, ...i32(Number(at)), 0x0b, ...sized(typeof value === 'string' ? [...new TextEncoder().encode(value)] : value),
  ])
  const bodies = own.map(([, { locals = 0, code }]) =>
    sized([...(locals === 0 ? [0] : [1, ...leb(locals), 0x7f]), ...code, 0x0b]))
  const sections: Readonly<Record<number, readonly number[]>> = {
    1: vector([...signatures.map(type), ...more]),
    2: vector(imports.map(([module, name], i) => [...text(module), ...text(name), 0, ...leb(i)])),
    3: vector(own.map((_, i) => leb(imports.length + i))),
    5: vector(limits),
    7: vector(exported),
    10: vector(bodies),
    11: vector(segments),
    ...others,
  }
  return joinSections(SECTION_ORDER.filter((id) => id in sections)
    .map((id) => ({ id, body: Uint8Array.from(sections[id] as readonly number[]) })))
}

/** `i32.const value`. */
export const i32 = (value: number): number[] => [0x41, ...signedLeb(value)]
/** `i64.const value`. */
export const i64 = (value: number): number[] => [0x42, ...signedLeb(value)]
export const call = (index: number): number[] => [0x10, ...leb(index)]

/** Instructions by name, as far as tests need them. */
export const op = {
  unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, try: 0x06, catch_all: 0x19, end: 0x0b,
  br: 0x0c, br_if: 0x0d, drop: 0x1a, void: 0x40,
  local_get: 0x20, local_set: 0x21, local_tee: 0x22, i32_load: 0x28, i32_store: 0x36, memory_size: 0x3f,
  memory_grow: 0x40, i32_eqz: 0x45, i32_eq: 0x46, i32_add: 0x6a, i32_sub: 0x6b, i32_div_s: 0x6d, i32_lt_s: 0x48,
  i32_lt_u: 0x49, i32_shr_u: 0x76,
  memory_copy: [0xfc, 10], memory_fill: [0xfc, 11], table_copy: [0xfc, 14], table_grow: [0xfc, 15],
  table_fill: [0xfc, 17],
} as const
