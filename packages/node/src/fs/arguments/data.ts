/** Data to write and to read: text in an encoding, or bytes of any view. */
import { wrongType } from './argument-error.ts'

export type View = NodeJS.ArrayBufferView
export type Data = string | View

export const viewBytes = ({ buffer, byteOffset, byteLength }: View): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

export const viewOf = (value: unknown, name = 'buffer'): View => {
  if (ArrayBuffer.isView(value)) return value as View
  throw wrongType(name, ['Buffer', 'TypedArray', 'DataView'], value)
}

export const viewsOf = (value: unknown): readonly View[] => {
  if (Array.isArray(value) && value.every((one) => ArrayBuffer.isView(one))) return value as View[]
  throw wrongType('buffers', ['ArrayBufferView[]'], value)
}

export const bytesOf = (data: unknown, encoding: BufferEncoding | null, name = 'data'): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data, encoding ?? 'utf8')
  if (ArrayBuffer.isView(data)) return viewBytes(data as View)
  throw wrongType(name, ['string', 'Buffer', 'TypedArray', 'DataView'], data)
}

export const inEncoding = (bytes: Uint8Array, encoding: BufferEncoding | 'buffer' | null): string | Buffer => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return encoding === null || encoding === 'buffer' ? buffer : buffer.toString(encoding)
}
