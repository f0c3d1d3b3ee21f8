/** How the fields of an object lie in linear memory: as a 64-bit little-endian C compiler lays out the same struct. */
import type { FieldTable } from './field.ts'

/** What is written at a field's place. */
export type Form =
  /** A number of `size` bytes. */
  | 'unsigned' | 'signed'
  /** The address of another object, or a number that stands for one that is not in memory. */
  | 'pointer'
  /** Two words of a capability set, changed in place. */
  | 'caps'
  /** Bytes up to a NUL. */
  | 'text'
  /** `struct path`: two pointers. */
  | 'path'
  /** `struct qstr`: hash, length, pointer to the bytes. */
  | 'qstr'

export interface FieldPlace {
  readonly offset: number
  readonly size: number
  readonly form: Form
}

export interface Layout {
  readonly size: number
  readonly fields: Readonly<Record<string, FieldPlace>>
}

const numbers: Readonly<Record<string, readonly [form: 'unsigned' | 'signed', size: number]>> = {
  u8: ['unsigned', 1],
  bool: ['unsigned', 1],
  u16: ['unsigned', 2],
  umode_t: ['unsigned', 2],
  u32: ['unsigned', 4],
  'unsigned int': ['unsigned', 4],
  dev_t: ['unsigned', 4],
  fmode_t: ['unsigned', 4],
  kuid_t: ['unsigned', 4],
  kgid_t: ['unsigned', 4],
  u64: ['unsigned', 8],
  'unsigned long': ['unsigned', 8],
  blkcnt_t: ['unsigned', 8],
  s8: ['signed', 1],
  s16: ['signed', 2],
  short: ['signed', 2],
  s32: ['signed', 4],
  int: ['signed', 4],
  pid_t: ['signed', 4],
  s64: ['signed', 8],
  long: ['signed', 8],
  loff_t: ['signed', 8],
  time64_t: ['signed', 8],
}

/** Form, size and alignment of a C type. Throws RangeError for one that no field table should have. */
export const placeOf = (ctype: string): { form: Form; size: number; align: number } => {
  const number = numbers[ctype]
  if (number) return { form: number[0], size: number[1], align: number[1] }
  const text = /^char\[(\d+)\]$/.exec(ctype)
  if (text) return { form: 'text', size: Number(text[1]), align: 1 }
  if (ctype === 'kernel_cap_t') return { form: 'caps', size: 8, align: 8 }
  if (ctype === 'struct path') return { form: 'path', size: 16, align: 8 }
  if (ctype === 'struct qstr') return { form: 'qstr', size: 16, align: 8 }
  if (ctype.endsWith('*') || ctype === 'struct hlist_head') return { form: 'pointer', size: 8, align: 8 }
  throw new RangeError(`no layout for the C type \`${ctype}\``)
}

/** Fields in table order at their natural alignment. */
export const layoutOf = (table: FieldTable): Layout => {
  const fields: Record<string, FieldPlace> = {}
  let end = 0
  let widest = 1
  for (const [name, { ctype }] of Object.entries(table)) {
    const { form, size, align } = placeOf(ctype)
    const offset = Math.ceil(end / align) * align
    fields[name] = { offset, size, form }
    end = offset + size
    widest = Math.max(widest, align)
  }
  return { size: Math.ceil(end / widest) * widest, fields }
}
