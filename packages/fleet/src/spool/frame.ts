/** A record in a segment of the spool: its length, a checksum, its kind, its serial, and a line of JSON. */
import { crc32 } from 'node:zlib'

/** The first bytes of a segment. */
export const MAGIC = new TextEncoder().encode('lsmkit-spool 1\n')
const HEAD = 20
/** Bytes of one line. */
export const MOST_LINE = 32 * 1024

export const LINE = 0
export const GAP = 1

export interface Frame {
  readonly serial: number
  readonly kind: number
  readonly line: Uint8Array
  /** Where the next frame begins. */
  readonly end: number
}

export const frameBytes = (serial: number, kind: number, line: Uint8Array): Buffer => {
  const bytes = Buffer.allocUnsafe(HEAD + line.length)
  bytes.writeUInt32LE(line.length, 0)
  bytes.writeUInt32LE(kind, 8)
  bytes.writeBigUInt64LE(BigInt(serial), 12)
  bytes.set(line, HEAD)
  bytes.writeUInt32LE(checksum(bytes), 4)
  return bytes
}

/** Of all bytes but its own. */
const checksum = (frame: Buffer): number => crc32(frame.subarray(8), crc32(frame.subarray(0, 4)))

/** The frame at a place; null where there is none that is whole. */
export const frameAt = (bytes: Buffer, at: number): Frame | null => {
  if (at + HEAD > bytes.length) return null
  const length = bytes.readUInt32LE(at)
  const end = at + HEAD + length
  if (length > MOST_LINE || end > bytes.length) return null
  const frame = bytes.subarray(at, end)
  if (frame.readUInt32LE(4) !== checksum(frame)) return null
  const serial = Number(frame.readBigUInt64LE(12))
  if (!Number.isSafeInteger(serial)) return null
  return { serial, kind: frame.readUInt32LE(8), line: frame.subarray(HEAD), end }
}

/** Whole frames from a place on, as long as their serials rise. */
export function* framesIn(bytes: Buffer, from: number, after = 0): Generator<Frame> {
  let serial = after
  for (let frame = frameAt(bytes, from); frame !== null; frame = frameAt(bytes, frame.end)) {
    if (frame.serial <= serial) return
    serial = frame.serial
    yield frame
  }
}

/** Where the frames of a segment begin; null for bytes of anything else. */
export const firstFrame = (bytes: Buffer): number | null =>
  bytes.subarray(0, MAGIC.length).equals(MAGIC) ? MAGIC.length : null
