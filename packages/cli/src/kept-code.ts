/**
 * Compiled code that one run leaves to the next: a file for each command of each version. A later run that compiled
 * much more adds it: the file grows towards all that the command's users do.
 */
import { KeptFiles } from './kept-files.ts'
import type { KeptFile } from './kept-files.ts'
import { Scratch } from './scratch.ts'

/** The code of one script, by its name. */
type Piece = readonly [name: string, code: Uint8Array]

/** The traits of a run that show whether it compiled more than the runs before it. */
export interface RunTraits {
  /** Names of the parts that were loaded. */
  readonly parts: readonly string[]
  readonly status: number
  /** Milliseconds of the processor: on a busy machine every run takes long. */
  readonly worked: number
  /** V8 did not take the code that was kept: it has other options than it had when the code was made. */
  readonly wasRejected: boolean
  /** Measures the bytecode in memory, which takes 2 ms. */
  readonly bytecode: () => number
}

export interface KeptCode {
  /** The code kept of a script, valid until more is read or `scratch` is used; undefined if there is none. */
  read(name: string): Uint8Array | undefined
  /**
   * Keeps what `make` answers for all scripts of this run if it is worth it. A place that is full or read-only is not
   * an error: the next run compiles again. `make` takes 15 ms.
   */
  add(run: RunTraits, make: () => readonly Piece[]): void
}

/** The first line of a file. */
interface Head {
  readonly pieces: readonly (readonly [name: string, length: number])[]
  /** Parts that runs have loaded, and the statuses that they ended with. */
  readonly parts: readonly string[]
  readonly statuses: readonly number[]
  readonly bytecode: number
  /** How often it was written. */
  readonly writes: number
}

/** Times that a file is written: what is rare is compiled each time in the end. */
const MOST_WRITES = 24
/** Bytes of code: reading what a run does not need costs time too. */
const LARGEST = 16 * 2 ** 20
/** Bytecode has to grow by this much. */
const WORTH = 1.03
/** A run that works so many milliseconds may measure its bytecode. One in so many shorter runs does it too. */
const LONG = 400
const ONE_IN = 8

const NEWLINE = 10
/** V8 reads code where it lies if that is a multiple of so many bytes, and makes a copy of it otherwise. */
const ALIGNMENT = 8
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT

/**
 * A line of JSON, and the pieces one after the other. The file has all of it twice: V8 does not notice a damaged byte,
 * it dies of it, and to compare two copies is quicker than any checksum that Node has.
 */
const joined = (head: Omit<Head, 'pieces'>, pieces: readonly Piece[]): Uint8Array => {
  const line = JSON.stringify({ ...head, pieces: pieces.map(([name, code]) => [name, code.length]) } satisfies Head)
  return Buffer.concat([Buffer.from(`${line}\n`), ...pieces.map(([, code]) => code)]
    .map((part) => Buffer.concat([part], aligned(part.length))))
}

const EMPTY: Head = { pieces: [], parts: [], statuses: [], bytecode: 0, writes: 0 }

/** Bytes that are looked through for the end of the first line. */
const FIRST = 16_384

/** The first line, and where what is behind it begins; null if there is none. */
const firstLine = (file: KeptFile): { text: string; end: number } | null => {
  for (let length = FIRST; ; length *= 2) {
    const bytes = file.bytes(0, Math.min(length, file.size))
    const end = bytes?.indexOf(NEWLINE) ?? -1
    if (end >= 0) return { text: bytes!.toString('utf8', 0, end), end: aligned(end + 1) }
    if (bytes === undefined || length >= file.size) return null
  }
}

/** A file of code, open until it is written anew. */
class Pieces {
  readonly head: Head = EMPTY
  readonly #file: KeptFile | undefined
  readonly #places = new Map<string, readonly [at: number, length: number]>()

  constructor(file: KeptFile | undefined) {
    this.#file = file
    try {
      const line = file === undefined || !Number.isInteger(file.size) ? null : firstLine(file)
      if (line === null) return
      const head = JSON.parse(line.text) as Head
      const places: [string, [number, number]][] = []
      let at = line.end
      for (const [name, length] of head.pieces) {
        places.push([name, [at, length]])
        at += aligned(length)
      }
      if (at !== file!.size) return
      this.head = head
      this.#places = new Map(places)
    } catch {
      // not a file of ours
    }
  }

  /** Valid until more is read. */
  read(name: string): Uint8Array | undefined {
    const [at, length] = this.#places.get(name) ?? [0, -1]
    return length < 0 ? undefined : this.#file!.bytes(at, aligned(length))?.subarray(0, length)
  }

  /** Those that the given ones do not replace, to keep. */
  except(names: ReadonlySet<string>): Piece[] {
    return [...this.#places.keys()].flatMap((name): Piece[] => {
      const code = names.has(name) ? undefined : this.read(name)
      return code === undefined ? [] : [[name, Uint8Array.from(code)]]
    })
  }

  close(): void {
    this.#file?.close()
  }
}

const union = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])]

/** Whether a run may have compiled code that is not in the file. */
const mayHaveMore = (head: Head, run: RunTraits, random: () => number): boolean => {
  const { parts, status, worked, bytecode, wasRejected } = run
  if (head.writes >= MOST_WRITES) return false
  if (wasRejected) return true
  if (!head.statuses.includes(status) || parts.some((part) => !head.parts.includes(part))) return true
  return (worked > LONG || random() * ONE_IN < 1) && bytecode() > head.bytecode * WORTH
}

/**
 * `id` is of the program's text, `word` the command: each keeps what it needs, and no more. `program` is the folder of
 * the command, and `scratch` has the bytes that are read. NODE_DISABLE_COMPILE_CACHE turns it off, as it does for Node.
 */
export const keptCode = (
  id: string, word: string | undefined, program: string, scratch = new Scratch(), random: () => number = Math.random,
): KeptCode => {
  if (process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return { read: () => undefined, add: () => {} }
  const files = new KeptFiles(`${id}-${process.version}-${process.arch}`, program)
  const file = word !== undefined && /^[a-z]{2,20}$/.test(word) ? word : 'help'
  const kept = new Pieces(files.open(file, scratch))
  const { head } = kept
  return {
    read: (name) => kept.read(name),
    add: (run, make) => {
      if (!mayHaveMore(head, run, random)) return
      const made = make()
      // a script that this run did not need may be of use to the next
      const all = [...kept.except(new Set(made.map(([name]) => name))), ...made]
      kept.close()
      if (all.reduce((sum, [, { length }]) => sum + length, 0) > LARGEST) return
      const { parts, status, bytecode } = run
      files.write(file, joined({
        parts: union(head.parts, parts), statuses: union(head.statuses, [status]),
        bytecode: Math.max(head.bytecode, bytecode()), writes: head.writes + 1,
      }, all))
    },
  }
}
