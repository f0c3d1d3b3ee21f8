/** Files of the host, read no further than somebody has said: a device or a pipe has no end, and a size may grow. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CommandError } from './command-error.ts'

/** Most that a command holds of one file, in bytes; logs are read in pieces and may be longer. */
export const MOST_BYTES = 256 * 2 ** 20

const PIECE = 2 ** 20

export class TooLong extends CommandError {
  readonly code = 'EFBIG'

  constructor(most: number) {
    super('badInput', `it is longer than ${most} bytes`, 'no command takes more of a file')
  }
}

/** Pieces of a file as long as it gives some, each in memory of its own. Throws what the host does. */
export function* piecesOf(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    for (;;) {
      const piece = new Uint8Array(Math.min(PIECE, Math.max(size + 1, 65536)))
      const count = readSync(fd, piece)
      if (count === 0) return
      yield piece.subarray(0, count)
    }
  } finally {
    closeSync(fd)
  }
}

/** All of it. Throws TooLong for more than `most` bytes. */
export const joined = (pieces: Iterable<Uint8Array>, most = MOST_BYTES): Uint8Array => {
  const parts: Uint8Array[] = []
  let size = 0
  for (const piece of pieces) {
    size += piece.length
    if (size > most) throw new TooLong(most)
    parts.push(piece)
  }
  return Buffer.concat(parts, size)
}

export const readBounded = (path: string, most = MOST_BYTES): Uint8Array => joined(piecesOf(path), most)

/** Lines of a text: readers keep some of each, so that a file of ends of lines would take all memory. */
const MOST_LINES = 4_000_000

export class TooManyLines extends CommandError {
  readonly code = 'EFBIG'

  constructor() {
    super('badInput', `it has more than ${MOST_LINES} lines`, 'no command takes more of a text')
  }
}

/** UTF-8. Throws TooManyLines. */
export const decodedText = (bytes: Uint8Array): string => {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (++lines > MOST_LINES) throw new TooManyLines()
  }
  return new TextDecoder().decode(bytes)
}
