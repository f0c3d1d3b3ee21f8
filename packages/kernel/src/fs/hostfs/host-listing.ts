/**
 * Listings of a folder of the host: names and their types, as the host's own listing has them. Node does not pass on
 * the inode numbers of a listing: a name is looked up for its number when a program reads the entry.
 */
import { readdirSync } from 'node:fs'
import { DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN } from '@lsmkit/abi'
import { decodeName } from '../../state/vfs/names.ts'

/** In the host's order, dots left out. */
export class Listing {
  readonly names: readonly string[]
  /** DT_* of each name. */
  readonly types: Uint8Array
  /** Inode numbers as programs see them; 0 for a name that was not looked up yet. */
  readonly inos: Float64Array
  #files: ReadonlySet<string> | null = null

  constructor(names: readonly string[], types: readonly number[], inos: Float64Array | null = null) {
    this.names = names
    this.types = Uint8Array.from(types)
    this.inos = inos ?? new Float64Array(names.length)
  }

  /** Whether `name` was listed as that of a file. */
  hasFile(name: string): boolean {
    this.#files ??= new Set(this.names.filter((_, i) => this.types[i] === DT_REG))
    return this.#files.has(name)
  }
}

/** DT_* of an entry; DT_UNKNOWN for types that this file system does not show. */
export type TypeOf = (name: string) => number

/** The plain way, for file systems of the host that list no kinds. Throws the host's error. */
export const listByLookUp = (path: string, typeOf: TypeOf): Listing => {
  const there = readdirSync(path, { encoding: 'buffer' }).map((bytes) => decodeName(bytes))
  const types = there.map((name) => typeOf(name))
  const shown = (_: unknown, i: number): boolean => types[i] !== DT_UNKNOWN
  return new Listing(there.filter(shown), types.filter(shown))
}

/** A name that Node read as one character for each byte, which costs half as much as buffers. Nearly all are ASCII. */
const nameOf = (bytes: string): string => (/[^\0-\x7f]/.test(bytes) ? decodeName(Buffer.from(bytes, 'latin1')) : bytes)

/** Throws the host's error, also for a name listed without a type, which Node then looks up under a wrong name. */
export const listWithTypes = (path: string): Listing => {
  const names: string[] = []
  const types: number[] = []
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'latin1' })) {
    const type = entry.isFile() ? DT_REG : entry.isDirectory() ? DT_DIR : entry.isSymbolicLink() ? DT_LNK : DT_UNKNOWN
    if (type === DT_UNKNOWN) continue
    names.push(nameOf(entry.name))
    types.push(type)
  }
  return new Listing(names, types)
}

/** Throws the host's error. */
export const listFolder = (path: string, typeOf: TypeOf): Listing => {
  try {
    return listWithTypes(path)
  } catch {
    return listByLookUp(path, typeOf)
  }
}
