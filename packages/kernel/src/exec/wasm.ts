/** WebAssembly modules as a binary format: the parts of the file that are mapped as code, constants and data. */
import { ENOEXEC } from '@lsmkit/abi'

/** `\0asm`, then version 1 of a core module, or version 13 of a component, which the runner has to support. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d]
const CORE = [0x01, 0x00, 0x00, 0x00]
const COMPONENT = [0x0d, 0x00, 0x01, 0x00]
const HEADER_SIZE = 8
const CODE_SECTION = 10
const DATA_SECTION = 11
const LAST_SECTION = 13

const has = (buf: Uint8Array, at: number, bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => buf[at + i] === byte)

const isComponent = (buf: Uint8Array): boolean => has(buf, 0, MAGIC) && has(buf, MAGIC.length, COMPONENT)

export const isWasm = (buf: Uint8Array): boolean =>
  has(buf, 0, MAGIC) && (has(buf, MAGIC.length, CORE) || isComponent(buf))

export interface Extent {
  readonly offset: number
  readonly size: number
}

export interface WasmLayout {
  readonly code: Extent | null
  readonly data: Extent | null
}

/** Walks the sections without decoding them; -ENOEXEC if their sizes do not fit the file. */
export const wasmLayout = (bytes: Uint8Array): WasmLayout | number => {
  if (!isWasm(bytes)) return -ENOEXEC
  if (isComponent(bytes)) return { code: null, data: null }
  let code: Extent | null = null
  let data: Extent | null = null
  let at = HEADER_SIZE
  while (at < bytes.length) {
    const id = bytes[at]!
    const size = readSize(bytes, at + 1)
    if (id > LAST_SECTION || size === null || size.value > bytes.length - size.next) return -ENOEXEC
    const extent = { offset: size.next, size: size.value }
    if (id === CODE_SECTION) code = extent
    else if (id === DATA_SECTION) data = extent
    at = size.next + size.value
  }
  return { code, data }
}

/** An unsigned LEB128 number of at most 32 bits; null when it is cut or too long. */
const readSize = (bytes: Uint8Array, from: number): { value: number; next: number } | null => {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) return null
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return value > 0xffffffff ? null : { value, next: from + i + 1 }
  }
  return null
}
