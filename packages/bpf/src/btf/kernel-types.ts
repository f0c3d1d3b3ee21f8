/** Types of a kernel out of the files that hold them. */
import { BpfError } from '../error.ts'
import { Btf } from './btf.ts'

const ELF_MAGIC = 0x464c457f
const SHT_NOBITS = 8

const bad = (message: string): never => {
  throw new BpfError('bad-elf', message, 'vmlinux')
}

/** The section `.BTF` of a linked ELF file of 64 bits. Throws BpfError. */
const btfSection = (bytes: Uint8Array): Uint8Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 64 || bytes[4] !== 2 || bytes[5] !== 1) return bad('only 64-bit little-endian files are read')
  const table = Number(view.getBigUint64(40, true))
  const [size, count, names] = [view.getUint16(58, true), view.getUint16(60, true), view.getUint16(62, true)]
  if (size < 64 || table + size * count > bytes.length || names >= count) return bad('its section headers are damaged')
  const header = (index: number): { name: number, type: number, from: number, length: number } => {
    const at = table + index * size
    return {
      name: view.getUint32(at, true), type: view.getUint32(at + 4, true),
      from: Number(view.getBigUint64(at + 24, true)), length: Number(view.getBigUint64(at + 32, true)),
    }
  }
  const texts = header(names)
  const decoder = new TextDecoder()
  for (let index = 1; index < count; index++) {
    const { name, type, from, length } = header(index)
    const start = texts.from + name
    if (start + 5 > bytes.length || decoder.decode(bytes.subarray(start, start + 5)) !== '.BTF\0') continue
    if (type === SHT_NOBITS || from + length > bytes.length) return bad('its .BTF section lies outside of the file')
    return bytes.slice(from, from + length)
  }
  const hint = 'a kernel has one with CONFIG_DEBUG_INFO_BTF'
  throw new BpfError('not-btf', 'the file has no .BTF section', 'vmlinux', hint)
}

/**
 * Types of a kernel: `/sys/kernel/btf/vmlinux` and other raw `.BTF` sections (BTFHub's, bpftool's min_core), or an ELF
 * `vmlinux` that has one. Throws BpfError.
 */
export const kernelTypes = (bytes: Uint8Array): Btf => {
  const isElf = bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === ELF_MAGIC
  return new Btf(isElf ? btfSection(bytes) : bytes)
}
