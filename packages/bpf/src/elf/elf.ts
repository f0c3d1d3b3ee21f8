/** Relocatable ELF files as compilers emit for BPF: sections, symbols, relocations. */
import {
  EI_CLASS, EI_DATA, ELFCLASS64, ELFDATA2LSB, ELFDATA2MSB, EM_BPF, EM_NONE, ET_REL, SHF_EXECINSTR, SHN_LORESERVE,
  SHN_UNDEF, SHT_NOBITS, SHT_REL, SHT_RELA, SHT_SYMTAB,
} from '@lsmkit/abi'
import { BpfError } from '../error.ts'

const HEADER = 64
const SECTION_HEADER = 64
const SYMBOL = 24
/** `.bss` takes nothing in the file, so its size needs a limit of its own: 64 MiB. */
const MAX_NOBITS = 64 << 20
const decoder = new TextDecoder()

export interface ElfSection {
  readonly index: number
  readonly name: string
  /** `SHT_*`. */
  readonly type: number
  readonly isExecutable: boolean
  /** Bytes; of `.bss` more than `data` has. */
  readonly size: number
  /** In the file's bytes, not copied; empty for SHT_NOBITS. */
  readonly data: Uint8Array
  readonly link: number
  readonly info: number
  readonly entrySize: number
}

export interface ElfSymbol {
  readonly index: number
  readonly name: string
  readonly value: number
  readonly size: number
  /** `STT_*`. */
  readonly type: number
  /** `STB_*`. */
  readonly bind: number
  /** `STV_*`: 0 default, 1 internal, 2 hidden, 3 protected. */
  readonly visibility: number
  /** Section it lies in; `SHN_UNDEF` for an extern. */
  readonly section: number
}

export interface ElfRelocation {
  /** Bytes into the section. */
  readonly offset: number
  /** `R_BPF_*`. */
  readonly type: number
  readonly symbol: ElfSymbol
}

const bad = (message: string, place: string | null = null): never => {
  throw new BpfError('bad-elf', message, place)
}

/** A parsed file. Every index and range in it has been checked against the bytes. */
export class Elf {
  readonly sections: readonly ElfSection[]
  readonly symbols: readonly ElfSymbol[]
  readonly #relocations = new Map<number, ElfRelocation[]>()

  /** Throws BpfError: `not-elf`, `not-bpf`, `unsupported`, `truncated`, `bad-elf`, `too-large`. */
  constructor(file: Uint8Array) {
    // a Buffer's slices are no copies: a plain array is
    const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length)
    if (bytes.length < HEADER || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
      const hint = '`clang -target bpf -g -O2 -c` writes one'
      throw new BpfError('not-elf', 'does not begin with an ELF header', null, hint)
    }
    if (bytes[EI_CLASS] !== ELFCLASS64) throw new BpfError('not-bpf', 'a 32-bit ELF file')
    if (bytes[EI_DATA] === ELFDATA2MSB) {
      throw new BpfError('unsupported', 'a big-endian object', null, 'compile with `-target bpfel`')
    }
    if (bytes[EI_DATA] !== ELFDATA2LSB) bad(`byte order ${bytes[EI_DATA]} is not known`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const machine = view.getUint16(18, true)
    if (machine !== EM_BPF && machine !== EM_NONE) {
      throw new BpfError('not-bpf', `machine ${machine} is not BPF`, null, 'compile with `clang -target bpf`')
    }
    const type = view.getUint16(16, true)
    if (type !== ET_REL) throw new BpfError('not-bpf', `ELF type ${type} is not a relocatable object`)
    this.sections = readSections(bytes, view)
    this.symbols = this.#readSymbols()
    this.#readRelocations()
  }

  /** First section of that name; null when there is none. */
  section(name: string): ElfSection | null {
    return this.sections.find((section) => section.name === name) ?? null
  }

  /** Relocations of a section, by offset. */
  relocationsOf(section: ElfSection): readonly ElfRelocation[] {
    return this.#relocations.get(section.index) ?? []
  }

  #readSymbols(): ElfSymbol[] {
    const table = this.sections.find(({ type }) => type === SHT_SYMTAB)
    if (!table) return []
    if (table.entrySize !== SYMBOL || table.size % SYMBOL !== 0) bad('symbols of an unknown size', table.name)
    const names = this.sections[table.link] ?? bad('symbol names are in no section', table.name)
    const view = new DataView(table.data.buffer, table.data.byteOffset, table.data.length)
    const symbols: ElfSymbol[] = []
    for (let index = 0, at = 0; at < table.size; index++, at += SYMBOL) {
      const info = view.getUint8(at + 4)
      const section = view.getUint16(at + 6, true)
      if (section >= this.sections.length && section < SHN_LORESERVE) {
        throw new BpfError('bad-symbol', `lies in section ${section}, of ${this.sections.length}`, `symbol ${index}`)
      }
      const symbol = {
        index, section,
        type: info & 15,
        bind: info >> 4,
        visibility: view.getUint8(at + 5) & 3,
        name: textAt(names.data, view.getUint32(at, true)) ?? bad('name lies beyond the strings', `symbol ${index}`),
        value: word64(view, at + 8, `symbol ${index}`),
        size: word64(view, at + 16, `symbol ${index}`),
      }
      symbols.push(symbol)
    }
    return symbols
  }

  #readRelocations(): void {
    for (const table of this.sections) {
      if (table.type !== SHT_REL && table.type !== SHT_RELA) continue
      const target = this.sections[table.info]
      if (!target || table.info === SHN_UNDEF) bad(`relocates section ${table.info}, which there is not`, table.name)
      // debug information is not read, so its relocations do not matter
      if (target!.name.startsWith('.debug') || target!.name === '.eh_frame') continue
      if (table.type === SHT_RELA) throw new BpfError('unsupported', 'relocations with addends', table.name)
      if (table.size % 16 !== 0) bad('cut off', table.name)
      const list = this.#relocations.get(target!.index) ?? []
      const view = new DataView(table.data.buffer, table.data.byteOffset, table.data.length)
      for (let at = 0; at < table.size; at += 16) {
        const offset = word64(view, at, table.name)
        const index = view.getUint32(at + 12, true)
        const symbol = this.symbols[index]
        if (!symbol) throw new BpfError('bad-relocation', `refers to symbol ${index}, which there is not`, table.name)
        if (offset >= target!.size) {
          throw new BpfError('bad-relocation', `offset ${offset} lies beyond the section`, table.name)
        }
        list.push({ offset, type: view.getUint32(at + 8, true), symbol })
      }
      list.sort((one, other) => one.offset - other.offset)
      this.#relocations.set(target!.index, list)
    }
  }
}

const readSections = (bytes: Uint8Array, view: DataView): ElfSection[] => {
  const offset = word64(view, 40, 'header')
  if (offset === 0) bad('no section headers')
  if (view.getUint16(58, true) !== SECTION_HEADER) bad('section headers of an unknown size')
  if (offset + SECTION_HEADER > bytes.length) throw new BpfError('truncated', 'ends before the section headers')
  const count = view.getUint16(60, true) || word64(view, offset + 32, 'section 0')
  if (offset + count * SECTION_HEADER > bytes.length) {
    throw new BpfError('truncated', `ends before ${count} section headers`)
  }
  const headers = Array.from({ length: count }, (_, index) => readSection(bytes, view, offset, index))
  const names = headers[view.getUint16(62, true)] ?? bad('section names are in no section')
  return headers.map(({ nameAt, ...section }) => ({
    ...section,
    name: textAt(names.data, nameAt) ?? bad('name lies beyond the strings', `section ${section.index}`),
  }))
}

const readSection = (bytes: Uint8Array, view: DataView, table: number, index: number) => {
  const at = table + index * SECTION_HEADER
  const place = `section ${index}`
  const type = view.getUint32(at + 4, true)
  const from = word64(view, at + 24, place)
  const size = word64(view, at + 32, place)
  const isEmpty = type === SHT_NOBITS || index === 0
  if (type === SHT_NOBITS && size > MAX_NOBITS) {
    throw new BpfError('too-large', `${size} bytes of zeroes, at most ${MAX_NOBITS} are allowed`, place)
  }
  if (!isEmpty && from + size > bytes.length) {
    throw new BpfError('truncated', `${size} bytes at ${from} reach beyond the end`, place)
  }
  return {
    index, type, size,
    nameAt: view.getUint32(at, true),
    isExecutable: (view.getUint32(at + 8, true) & SHF_EXECINSTR) !== 0,
    data: isEmpty ? new Uint8Array() : bytes.subarray(from, from + size),
    link: view.getUint32(at + 40, true),
    info: view.getUint32(at + 44, true),
    entrySize: word64(view, at + 56, place),
  }
}

/** 64 bits as a number; what a number cannot hold is no offset in any file. */
const word64 = (view: DataView, at: number, place: string): number => {
  const high = view.getUint32(at + 4, true)
  if (high >= 0x20_0000) bad('an offset or size beyond any file', place)
  return high * 0x1_0000_0000 + view.getUint32(at, true)
}

const textAt = (bytes: Uint8Array, at: number): string | null => {
  if (at === 0 && bytes.length === 0) return ''
  if (at >= bytes.length) return null
  const end = bytes.indexOf(0, at)
  return end < 0 ? null : decoder.decode(bytes.subarray(at, end))
}
