/** Packed files (gzip, bzip2) as what is in them, within bounds: policies come from pull requests of anybody. */
import { gunzipSync } from 'node:zlib'
import { bunzip2 } from './bunzip2.ts'
import { damaged, PackedError } from './packed-error.ts'

export { PackedError }

/** Most that comes out of a file, in bytes: many times the largest policy that there is. */
export const MOST_UNPACKED = 64 * 2 ** 20
/** Nor more than so many times its own size, beyond a first megabyte: policies are packed to a tenth. */
const MOST_TIMES = 256
const FREE = 2 ** 20

/** Most that may come out of a file, where `most` is what may come out of any. */
export const mostOf = (packed: Uint8Array, most: number): number =>
  Math.min(most, Math.max(FREE, packed.length * MOST_TIMES))

const tooLarge = (most: number): PackedError => new PackedError('too-large',
  `more than ${most} bytes come out of it`, { hint: 'unpack it yourself, and look at what is in it' })

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
const isBzip2 = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68

const gunzip = (packed: Uint8Array, most: number): Uint8Array => {
  try {
    return gunzipSync(packed, { maxOutputLength: most })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(most) : damaged(message)
  }
}

const joined = (pieces: Iterable<Uint8Array>, most: number): Uint8Array => {
  const parts: Uint8Array[] = []
  let size = 0
  for (const piece of pieces) {
    size += piece.length
    if (size > most) throw tooLarge(most)
    parts.push(piece)
  }
  return Buffer.concat(parts, size)
}

/** The bytes themselves where they are not packed. Throws PackedError; `most` is in bytes. */
export const unpacked = (bytes: Uint8Array, most = MOST_UNPACKED): Uint8Array => {
  if (isGzip(bytes)) return gunzip(bytes, mostOf(bytes, most))
  return isBzip2(bytes) ? joined(bunzip2(bytes), mostOf(bytes, most)) : bytes
}
