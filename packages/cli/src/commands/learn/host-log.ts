/** A log of the host, line by line: it may be longer than any text, and is read again for each module. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { piecesOf, readBounded } from '../../bounded-read.ts'
import { CommandError } from '../../command-error.ts'
import { reading } from '../../host-file.ts'
import { stdinPieces } from '../../io.ts'
import type { Io } from '../../io.ts'

const STDIN = '-'

/** No record is longer, in characters; the rest of such a line is passed over. */
const MOST_LINE = 2 ** 20

/** Most records that are held at once, to learn from them. */
const MOST_RECORDS = 1_000_000

/** Lines out of pieces. What a line has beyond MOST_LINE is not kept. */
function* linesOf(pieces: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder()
  let open = ''
  for (const piece of pieces) {
    const parts = decoder.decode(piece, { stream: true }).split('\n')
    parts[0] = open + parts[0]!
    open = parts.pop()!.slice(0, MOST_LINE)
    for (const line of parts) yield line.slice(0, MOST_LINE)
  }
  yield (open + decoder.decode()).slice(0, MOST_LINE)
}

/** Stdin can be read once: it is kept in a file that goes when the program does. */
const keptStdin = (io: Io): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lsm-log-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'stdin')
  const fd = openSync(path, 'wx', 0o600)
  try {
    for (const piece of stdinPieces(io)) for (let at = 0; at < piece.length;) at += writeSync(fd, piece, at)
  } finally {
    closeSync(fd)
  }
  return path
}

export class HostLog implements Iterable<string> {
  readonly #name: string
  readonly #path: string

  constructor(io: Io, name: string) {
    this.#name = name
    this.#path = name === STDIN ? keptStdin(io) : resolve(io.cwd, name)
  }

  /** All of it, for what is not a log. Throws CommandError where it is longer than a text may be. */
  text(): string {
    return reading(this.#name, () => new TextDecoder().decode(readBounded(this.#path)))
  }

  /** From its beginning, each time. Throws CommandError for what the host does not let read. */
  *[Symbol.iterator](): Generator<string> {
    const lines = linesOf(piecesOf(this.#path))
    try {
      for (;;) {
        const { done, value } = reading(this.#name, () => lines.next())
        if (done === true) return
        yield value
      }
    } finally {
      lines.return(undefined)
    }
  }
}

/** Records to learn from, as a list. Throws CommandError for more than can be held. */
export const held = <T>(records: Iterable<T>, name: string): T[] => {
  const list: T[] = []
  for (const record of records) {
    if (list.length === MOST_RECORDS) {
      throw new CommandError('badInput', `\`${name}\` has more than ${MOST_RECORDS} records to learn from`,
        'learn from a part of it; `lsm replay` takes any length')
    }
    list.push(record)
  }
  return list
}
