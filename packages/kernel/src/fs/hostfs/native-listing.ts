/** Listings out of getdents64: names, types and inode numbers, in one call for about a thousand entries. */
import { DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN } from '@lsmkit/abi'
import { decodeName } from '../../state/vfs/names.ts'
import { Listing } from './host-listing.ts'
import type { TypeOf } from './host-listing.ts'
import { shownIno } from './host-node.ts'

/** Bytes of `struct linux_dirent64` before the name. */
const HEAD = 19
const DOT = 0x2e
const SHOWN: ReadonlySet<number> = new Set([DT_REG, DT_DIR, DT_LNK])

/** Fills the buffer from its start on, and answers how many bytes, 0 at the end, or -errno. */
type More = () => number

/** Calls `entry` with each name but the two dots, and where its entry begins. 0, or -errno. */
const eachEntry = (bytes: Buffer, start: number, more: More, entry: (name: string, at: number) => void): number => {
  for (;;) {
    const length = more()
    if (length <= 0) return length
    for (let at = start; at < start + length; at += bytes.readUInt16LE(at + 16)) {
      const name = nameAt(bytes, at + HEAD)
      if (name !== null) entry(name, at)
    }
  }
}

export const listNative = (bytes: Buffer, start: number, more: More, typeOf: TypeOf): Listing | number => {
  const names: string[] = []
  const types: number[] = []
  const inos: number[] = []
  const rc = eachEntry(bytes, start, more, (name, at) => {
    const told = bytes[at + 18]!
    const type = told === DT_UNKNOWN ? typeOf(name) : told
    if (!SHOWN.has(type)) return
    names.push(name)
    types.push(type)
    inos.push(inoAt(bytes, at))
  })
  return rc < 0 ? rc : new Listing(names, types, Float64Array.from(inos))
}

export const namesNative = (bytes: Buffer, start: number, more: More): string[] | number => {
  const names: string[] = []
  const rc = eachEntry(bytes, start, more, (name) => void names.push(name))
  return rc < 0 ? rc : names
}

const inoAt = (bytes: Buffer, at: number): number => {
  const high = bytes.readUInt32LE(at + 4)
  return high < 2 ** 20 ? high * 2 ** 32 + bytes.readUInt32LE(at) : shownIno(bytes.readBigUInt64LE(at))
}

/** Null for the two dots. Nearly all names are ASCII. */
const nameAt = (bytes: Buffer, from: number): string | null => {
  let end = from
  let all = 0
  for (; bytes[end] !== 0; end++) all |= bytes[end]!
  if (bytes[from] === DOT && (end === from + 1 || (end === from + 2 && bytes[from + 1] === DOT))) return null
  return all < 0x80 ? bytes.toString('latin1', from, end) : decodeName(bytes.subarray(from, end))
}
