/**
 * bzip2, unpacked in pieces: whoever has had enough stops asking. Files are those of bzip2 0.9.5 and later, one stream
 * or several, with their checksums.
 */
import { BitReader } from './bit-reader.ts'
import { readBlock } from './bzip2-block.ts'
import type { Block } from './bzip2-block.ts'
import { damaged } from './packed-error.ts'

const PIECE = 65536
const BLOCK = [0x314159, 0x265359] as const
const END = [0x177245, 0x385090] as const

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let i = 0; i < 8; i++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/** Bytes on their way out: runs are made long again, and the checksum is of what they stand for. */
class Pieces {
  crc = 0xffffffff
  #piece = new Uint8Array(PIECE)
  #size = 0
  #last = -1
  /** Equal bytes in a row; four are followed by how many more there are. */
  #run = 0
  /** How often the last byte is still to be repeated. */
  #more = 0

  begin(): void {
    this.crc = 0xffffffff
    this.#last = -1
    this.#run = this.#more = 0
  }

  /** Takes of the block what there is room for; true when that was all of it. */
  fill(block: Block): boolean {
    while (this.#size < PIECE) {
      if (this.#more > 0) {
        this.#more--
        this.#put(this.#last)
      } else if (block.left === 0) return true
      else this.#take(block.next())
    }
    return false
  }

  /** What is there so far. */
  empty(): Uint8Array {
    const full = this.#piece.subarray(0, this.#size)
    this.#piece = new Uint8Array(PIECE)
    this.#size = 0
    return full
  }

  #take(byte: number): void {
    if (this.#run === 4) {
      this.#run = 0
      this.#more = byte
      return
    }
    this.#run = byte === this.#last ? this.#run + 1 : 1
    this.#last = byte
    this.#put(byte)
  }

  #put(byte: number): void {
    this.crc = ((this.crc << 8) ^ crcTable[(this.crc >>> 24) ^ byte]!) >>> 0
    this.#piece[this.#size++] = byte
  }
}

/** Pieces of what a whole bzip2 file stands for. Throws PackedError for bytes that are not bzip2, or are damaged. */
export function* bunzip2(packed: Uint8Array): Generator<Uint8Array> {
  const bits = new BitReader(packed)
  const pieces = new Pieces()
  do {
    yield* readStream(bits, pieces)
    bits.align()
  } while (bits.hasMore)
  yield pieces.empty()
}

function* readStream(bits: BitReader, pieces: Pieces): Generator<Uint8Array> {
  if (bits.take(24) !== 0x425a68) throw damaged('it is not a bzip2 file')
  const level = bits.take(8) - 0x30
  if (level < 1 || level > 9) throw damaged('it is not a bzip2 file')
  let whole = 0
  for (;;) {
    const magic = [bits.take(24), bits.take(24)] as const
    const crc = bits.word()
    if (magic[0] === END[0] && magic[1] === END[1]) {
      if (crc !== whole) throw damaged('its checksum is another')
      return
    }
    if (magic[0] !== BLOCK[0] || magic[1] !== BLOCK[1]) throw damaged('a block is missing')
    pieces.begin()
    const block = readBlock(bits, level * 100_000)
    while (!pieces.fill(block)) yield pieces.empty()
    if ((~pieces.crc >>> 0) !== crc) throw damaged('its checksum is another')
    whole = (((whole << 1) | (whole >>> 31)) ^ crc) >>> 0
  }
}
