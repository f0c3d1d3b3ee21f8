/** Messages over a stream: a length, and a value as V8 serializes it. */
import { deserialize, serialize } from 'node:v8'

const HEAD = 4

export const frameOf = (message: unknown): Buffer => {
  const body = serialize(message)
  const head = Buffer.alloc(HEAD)
  head.writeUInt32LE(body.length)
  return Buffer.concat([head, body])
}

/** A function that takes the bytes as they come, and hands on each whole message. */
export const frameReader = (take: (message: unknown) => void): ((bytes: Buffer) => void) => {
  let parts: Buffer[] = []
  let length = 0
  let wanted = HEAD
  return (bytes) => {
    parts.push(bytes)
    length += bytes.length
    while (length >= wanted) {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const size = all.readUInt32LE(0) + HEAD
      parts = [all]
      wanted = size
      if (length < size) return
      const rest = all.subarray(size)
      parts = rest.length === 0 ? [] : [rest]
      length = rest.length
      wanted = HEAD
      take(deserialize(all.subarray(HEAD, size)))
    }
  }
}
