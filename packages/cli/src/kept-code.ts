/**
 * Compiled code that one run leaves to the next: a file for each command of each version. A later run that compiled
 * much more adds it: the file grows towards all that the command's users do.
 */
import { joinPieces, KeptFiles, KeptPieces, Scratch } from '@lsmkit/wasi/kept-files'
import type { Piece } from '@lsmkit/wasi/kept-files'

/** The traits of a run that show whether it compiled more than the runs before it. */
export interface RunTraits {
  /** Names of the parts that were loaded. */
  readonly parts: readonly string[]
  readonly status: number
  /** Milliseconds of the processor: on a busy machine every run takes long. */
  readonly worked: number
  /** V8 did not take the code that was kept: it has other options than it had when the code was made. */
  readonly wasRejected: boolean
  /** Measures the bytecode in memory, which takes 3 ms: Node loads a module for it. */
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
const ONE_IN = 24

const EMPTY: Head = { parts: [], statuses: [], bytecode: 0, writes: 0 }

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
  const kept = new KeptPieces(files.open(file, scratch), EMPTY)
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
      files.write(file, () => joinPieces({
        parts: union(head.parts, parts), statuses: union(head.statuses, [status]),
        bytecode: Math.max(head.bytecode, bytecode()), writes: head.writes + 1,
      }, all))
    },
  }
}
