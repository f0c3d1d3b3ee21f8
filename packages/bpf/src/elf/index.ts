/** ELF files of BPF. */
export { Elf, type ElfRelocation, type ElfSection, type ElfSymbol } from './elf.ts'
export { BpfError, type BpfErrorCode } from '../error.ts'
