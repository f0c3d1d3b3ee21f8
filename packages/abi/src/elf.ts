/** ELF: identification, kinds of object, machines, sections, segments, symbols, and the relocations of BPF. */

// e_ident
export const EI_NIDENT = 16
export const EI_MAG0 = 0
export const EI_MAG1 = 1
export const EI_MAG2 = 2
export const EI_MAG3 = 3
export const EI_CLASS = 4
export const EI_DATA = 5
export const EI_VERSION = 6
export const EI_OSABI = 7
export const EI_PAD = 8
export const ELFCLASSNONE = 0
export const ELFCLASS32 = 1
export const ELFCLASS64 = 2
export const ELFCLASSNUM = 3
export const ELFDATANONE = 0
export const ELFDATA2LSB = 1
export const ELFDATA2MSB = 2
export const EV_NONE = 0
export const EV_CURRENT = 1
export const EV_NUM = 2
export const ELFOSABI_NONE = 0
export const ELFOSABI_LINUX = 3
export const ELFMAG = '\x7fELF'

// e_type
export const ET_NONE = 0
export const ET_REL = 1
export const ET_EXEC = 2
export const ET_DYN = 3
export const ET_CORE = 4
export const ET_LOPROC = 0xff00
export const ET_HIPROC = 0xffff

// e_machine
export const EM_NONE = 0
export const EM_386 = 3
export const EM_PPC64 = 21
export const EM_ARM = 40
export const EM_X86_64 = 62
export const EM_S390 = 22
export const EM_AARCH64 = 183
export const EM_RISCV = 243
export const EM_BPF = 247
export const EM_LOONGARCH = 258

// segments
export const PT_NULL = 0
export const PT_LOAD = 1
export const PT_DYNAMIC = 2
export const PT_INTERP = 3
export const PT_NOTE = 4
export const PT_SHLIB = 5
export const PT_PHDR = 6
export const PT_TLS = 7
export const PT_GNU_EH_FRAME = 0x6474e550
export const PT_GNU_STACK = 0x6474e551
export const PT_GNU_RELRO = 0x6474e552
export const PT_GNU_PROPERTY = 0x6474e553
export const PF_R = 0x4
export const PF_W = 0x2
export const PF_X = 0x1

// sections
export const SHT_NULL = 0
export const SHT_PROGBITS = 1
export const SHT_SYMTAB = 2
export const SHT_STRTAB = 3
export const SHT_RELA = 4
export const SHT_HASH = 5
export const SHT_DYNAMIC = 6
export const SHT_NOTE = 7
export const SHT_NOBITS = 8
export const SHT_REL = 9
export const SHT_SHLIB = 10
export const SHT_DYNSYM = 11
export const SHT_NUM = 12
export const SHT_LOPROC = 0x70000000
export const SHT_HIPROC = 0x7fffffff
export const SHT_LOUSER = 0x80000000
export const SHT_HIUSER = 0xffffffff
export const SHF_WRITE = 0x1
export const SHF_ALLOC = 0x2
export const SHF_EXECINSTR = 0x4
export const SHF_RELA_LIVEPATCH = 0x00100000
export const SHF_RO_AFTER_INIT = 0x00200000
export const SHF_MASKPROC = 0xf0000000
export const SHN_UNDEF = 0
export const SHN_LORESERVE = 0xff00
export const SHN_LOPROC = 0xff00
export const SHN_HIPROC = 0xff1f
export const SHN_LIVEPATCH = 0xff20
export const SHN_ABS = 0xfff1
export const SHN_COMMON = 0xfff2
export const SHN_HIRESERVE = 0xffff

// symbols
export const STB_LOCAL = 0
export const STB_GLOBAL = 1
export const STB_WEAK = 2
export const STT_NOTYPE = 0
export const STT_OBJECT = 1
export const STT_FUNC = 2
export const STT_SECTION = 3
export const STT_FILE = 4
export const STT_COMMON = 5
export const STT_TLS = 6

// relocations of EM_BPF (LLVM)
export const R_BPF_NONE = 0
export const R_BPF_64_64 = 1
export const R_BPF_64_ABS64 = 2
export const R_BPF_64_ABS32 = 3
export const R_BPF_64_NODYLD32 = 4
export const R_BPF_64_32 = 10
