/** C types as they lie in memory on x86-64. */

export interface Int {
  readonly kind: 'int'
  readonly size: 1 | 2 | 4 | 8
  readonly signed: boolean
}
export interface Pointer {
  readonly kind: 'pointer'
  readonly to: CType
}
export interface ArrayOf {
  readonly kind: 'array'
  readonly of: CType
  readonly length: number
}
export interface Field {
  readonly name: string
  readonly type: CType
  readonly offset: number
}
export interface Struct {
  readonly kind: 'struct'
  /** Filled when the body has been read; pointers to a struct need none. */
  fields: readonly Field[]
  size: number
  align: number
}
export interface Void {
  readonly kind: 'void'
}
export type CType = Int | Pointer | ArrayOf | Struct | Void

export const int = (size: 1 | 2 | 4 | 8, signed = true): Int => ({ kind: 'int', size, signed })
export const INT = int(4)
export const LONG = int(8)
export const CHAR = int(1)
export const VOID: Void = { kind: 'void' }
export const pointerTo = (to: CType): Pointer => ({ kind: 'pointer', to })

export const sizeOf = (type: CType): number => {
  switch (type.kind) {
    case 'int':
      return type.size
    case 'pointer':
      return 8
    case 'array':
      return type.length * sizeOf(type.of)
    case 'struct':
      return type.size
    case 'void':
      return 1
  }
}
export const alignOf = (type: CType): number => {
  switch (type.kind) {
    case 'array':
      return alignOf(type.of)
    case 'struct':
      return type.align
    default:
      return sizeOf(type)
  }
}

const up = (value: number, align: number): number => Math.ceil(value / align) * align

/** Lays fields out one after another, without gaps where they are packed, or all at 0 for a union. */
export const layOut = (
  struct: Struct, members: readonly { name: string; type: CType }[], isUnion: boolean, isPacked: boolean,
): void => {
  let at = 0
  let size = 0
  let align = 1
  const fields: Field[] = []
  for (const { name, type } of members) {
    const a = isPacked ? 1 : alignOf(type)
    const offset = isUnion ? 0 : up(at, a)
    // The members of an unnamed struct or union count as its own.
    if (name === '' && type.kind === 'struct')
      fields.push(...type.fields.map((f) => ({ ...f, offset: offset + f.offset })))
    else fields.push({ name, type, offset })
    at = offset + sizeOf(type)
    size = Math.max(size, at)
    align = Math.max(align, a)
  }
  struct.fields = fields
  struct.align = align
  struct.size = up(size, align)
}

/** The named integer types of the headers. */
export const TYPEDEFS: Readonly<Record<string, CType>> = {
  uint8_t: int(1, false),
  uint16_t: int(2, false),
  uint32_t: int(4, false),
  uint64_t: int(8, false),
  int8_t: int(1),
  int16_t: int(2),
  int32_t: int(4),
  int64_t: int(8),
  size_t: int(8, false),
  ssize_t: LONG,
  off_t: LONG,
  loff_t: LONG,
  pid_t: INT,
  uid_t: int(4, false),
  gid_t: int(4, false),
  socklen_t: int(4, false),
  mode_t: int(4, false),
  key_t: INT,
  timer_t: INT,
  key_serial_t: INT,
  id_t: int(4, false),
  time_t: LONG,
  sa_family_t: int(2, false),
  in_port_t: int(2, false),
  cap_value_t: INT,
  mqd_t: INT,
}
