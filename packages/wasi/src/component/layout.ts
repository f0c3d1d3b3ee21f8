/** Sizes and places of values in memory, and the core words that they are passed as, by the canonical ABI. */
import { ownValue } from '@lsmkit/abi'

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64'

export interface Layout {
  /** Bytes. */
  readonly size: number
  readonly align: number
  /** The first `MOST_FLAT` of the words; that many or more are never passed as words. */
  readonly flat: readonly CoreType[]
}

/** One more than are passed as words at most. */
const MOST_FLAT = 17

const BYTES: Readonly<Record<string, number>> = {
  bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, f32: 4, char: 4, s64: 8, u64: 8, f64: 8,
}
const CORE: Readonly<Record<string, CoreType>> = { s64: 'i64', u64: 'i64', f32: 'f32', f64: 'f64' }

export const aligned = (at: number, align: number): number => Math.ceil(at / align) * align

export const numberLayout = (name: string): Layout => {
  const size = ownValue(BYTES, name) ?? 4
  return { size, align: size, flat: [ownValue(CORE, name) ?? 'i32'] }
}

/** A place and a length. */
export const LIST: Layout = { size: 8, align: 4, flat: ['i32', 'i32'] }

/** A number of a table. */
export const HANDLE: Layout = { size: 4, align: 4, flat: ['i32'] }

export const recordLayout = (fields: readonly Layout[]): Layout => {
  const align = Math.max(1, ...fields.map((field) => field.align))
  const end = fields.reduce((at, field) => aligned(at, field.align) + field.size, 0)
  return { size: aligned(end, align), align, flat: fields.flatMap(({ flat }) => flat).slice(0, MOST_FLAT) }
}

export const repeatedLayout = ({ size, align, flat }: Layout, length: number): Layout => {
  const repeats = Math.min(length, Math.ceil(MOST_FLAT / Math.max(1, flat.length)))
  return { size: size * length, align, flat: Array.from({ length: repeats }, () => flat).flat().slice(0, MOST_FLAT) }
}

/** Flags beyond 32 take more than one word. */
export const flagWords = (count: number): number => Math.max(1, Math.ceil(count / 32))

export const flagsLayout = (count: number): Layout => {
  const align = count <= 8 ? 1 : count <= 16 ? 2 : 4
  const words = flagWords(count)
  return {
    size: count <= 16 ? align : 4 * words, align,
    flat: Array.from({ length: Math.min(words, MOST_FLAT) }, (): CoreType => 'i32'),
  }
}

/** Bytes of the number of a case, of so many. */
export const discriminantSize = (cases: number): number => (cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4)

/** The layout of a variant, and where what a case carries lies. */
export const variantLayout = (cases: readonly (Layout | null)[]): Layout & { readonly payload: number } => {
  const carried = cases.filter((one) => one !== null)
  const discriminant = discriminantSize(cases.length)
  const payloadAlign = Math.max(1, ...carried.map((one) => one.align))
  const payload = aligned(discriminant, payloadAlign)
  const align = Math.max(discriminant, payloadAlign)
  const width = Math.max(0, ...carried.map(({ flat }) => flat.length))
  const flat = Array.from({ length: width }, (_, i) =>
    carried.map((one) => one.flat[i]).filter((one) => one !== undefined).reduce(join))
  const size = aligned(payload + Math.max(0, ...carried.map((one) => one.size)), align)
  return { size, align, payload, flat: (['i32', ...flat] as const).slice(0, MOST_FLAT) }
}

const join = (a: CoreType, b: CoreType): CoreType => {
  if (a === b) return a
  return a !== 'i64' && b !== 'i64' && a !== 'f64' && b !== 'f64' ? 'i32' : 'i64'
}
