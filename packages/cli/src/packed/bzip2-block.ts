/** One block of bzip2: at most 900,000 bytes that were sorted (BWT), moved to the front, and coded. */
import type { BitReader } from './bit-reader.ts'
import { Huffman, MOST_BITS } from './huffman.ts'
import { damaged } from './packed-error.ts'

const RUN_A = 0
const RUN_B = 1
/** Symbols that one table is used for before the next one is chosen. */
const GROUP = 50

/** The bytes that occur, in order: two levels of a map of 256 bits. */
const readAlphabet = (bits: BitReader): Uint8Array => {
  const rows = bits.take(16)
  const found: number[] = []
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue
    const columns = bits.take(16)
    for (let column = 0; column < 16; column++) if ((columns & (0x8000 >> column)) !== 0) found.push(row * 16 + column)
  }
  if (found.length === 0) throw damaged('a block has no bytes')
  return Uint8Array.from(found)
}

/** Moves what stands at `at` to the front, and answers it. */
const toFront = (list: Uint8Array, at: number): number => {
  const value = list[at]!
  list.copyWithin(1, 0, at)
  list[0] = value
  return value
}

/** Which table each group uses. */
const readSelectors = (bits: BitReader, tables: number): Uint8Array => {
  const selectors = new Uint8Array(bits.take(15))
  const order = Uint8Array.from({ length: tables }, (_, i) => i)
  for (let i = 0; i < selectors.length; i++) {
    let at = 0
    while (bits.take(1) === 1) if (++at >= tables) throw damaged('it chooses a table that is not there')
    selectors[i] = toFront(order, at)
  }
  return selectors
}

/** The lengths of a table, each told by its difference to the one before. */
const readTable = (bits: BitReader, symbols: number): Huffman => {
  const lengths = new Uint8Array(symbols)
  let length = bits.take(5)
  for (let i = 0; i < symbols; i++) {
    while (bits.take(1) === 1) length += bits.take(1) === 0 ? 1 : -1
    if (length < 1 || length > MOST_BITS) throw damaged('a code has no length')
    lengths[i] = length
  }
  return new Huffman(lengths)
}

/** The last column of the sorted block: symbols back into bytes. `room`: most bytes of a block. */
const readColumn = (bits: BitReader, room: number): Uint32Array => {
  const list = readAlphabet(bits)
  const end = list.length + 1
  const tableCount = bits.take(3)
  if (tableCount < 2 || tableCount > 6) throw damaged('a block has no tables')
  const selectors = readSelectors(bits, tableCount)
  const tables = Array.from({ length: tableCount }, () => readTable(bits, end + 1))
  const column = new Uint32Array(room)
  let [size, run, place] = [0, 0, 1]
  for (let i = 0; ; i++) {
    const table = tables[selectors[Math.floor(i / GROUP)] ?? -1]
    if (table === undefined) throw damaged('it has fewer groups than symbols')
    const symbol = table.read(bits)
    if (symbol === RUN_A || symbol === RUN_B) {
      run += place * (symbol + 1)
      place *= 2
      if (run > room) throw damaged('a block is too long')
      continue
    }
    if (size + run + 1 > room && !(symbol === end && size + run <= room)) throw damaged('a block is too long')
    if (run > 0) column.fill(list[0]!, size, (size += run))
    run = 0
    place = 1
    if (symbol === end) return column.subarray(0, size)
    column[size++] = toFront(list, symbol - 1)
  }
}

/** The bytes of a block, still with their runs shortened. */
export class Block {
  /** The row of each byte in the low bits, and the row that follows it in those above. */
  readonly #column: Uint32Array
  #at: number
  left: number

  constructor(column: Uint32Array, origin: number) {
    const sums = new Int32Array(257)
    for (const byte of column) sums[byte + 1]!++
    for (let i = 0; i < 256; i++) sums[i + 1]! += sums[i]!
    for (let i = 0; i < column.length; i++) column[sums[column[i]! & 0xff]!++]! |= i << 8
    this.#column = column
    this.#at = column[origin]! >>> 8
    this.left = column.length
  }

  /** While some are `left`. */
  next(): number {
    const entry = this.#column[this.#at]!
    this.#at = entry >>> 8
    this.left--
    return entry & 0xff
  }
}

/** `room`: most bytes of a block. Throws PackedError. */
export const readBlock = (bits: BitReader, room: number): Block => {
  if (bits.take(1) === 1) throw damaged('it is of a bzip2 before 0.9.5')
  const origin = bits.take(24)
  const column = readColumn(bits, room)
  if (origin >= column.length) throw damaged('a block begins outside of itself')
  return new Block(column, origin)
}
