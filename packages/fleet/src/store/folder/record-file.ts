/** A file of the store: a line that says what follows, and bytes with a checksum. */
import { crc32 } from 'node:zlib'
import { FleetError } from '../../fleet-error.ts'

const MAGIC = 'lsmkit-fleet 1 '
const NEWLINE = 10
const MOST_HEAD = 1024 * 1024

export const recordFile = (head: object, body: Uint8Array): Uint8Array => {
  const text = JSON.stringify({ ...head, size: body.length, crc: crc32(body) })
  return Buffer.concat([Buffer.from(`${MAGIC}${text}\n`), body])
}

/** Throws `damaged`. The caller looks at the fields of the head. */
export const readRecordFile = (
  bytes: Uint8Array, place: string,
): { readonly head: unknown; readonly body: Uint8Array } => {
  const damaged = (why: string): FleetError => new FleetError('damaged', `the file ${why}`, {
    place, hint: 'take it away, or restore the folder',
  })
  const end = bytes.subarray(0, MOST_HEAD).indexOf(NEWLINE)
  const line = end < 0 ? '' : new TextDecoder().decode(bytes.subarray(0, end))
  if (!line.startsWith(MAGIC)) throw damaged('is not of a fleet')
  let head: { size?: unknown; crc?: unknown } | null
  try {
    head = JSON.parse(line.slice(MAGIC.length)) as typeof head
  } catch {
    throw damaged('has a first line that is not JSON')
  }
  const body = bytes.subarray(end + 1)
  if (head?.size !== body.length || head.crc !== crc32(body)) throw damaged('is cut or altered')
  return { head, body }
}
