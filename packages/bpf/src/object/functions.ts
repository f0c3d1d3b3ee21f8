/** Functions of an object: what is a program of its own, what a subprogram of others. */
import { SHT_PROGBITS, STB_LOCAL, STT_FUNC } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfExt } from '../btf/btf-ext.ts'
import type { Elf, ElfSection } from '../elf/elf.ts'
import { BpfError } from '../error.ts'

const STV_INTERNAL = 1
const STV_HIDDEN = 2
export const TEXT = '.text'

export interface Func {
  readonly name: string
  readonly section: ElfSection
  /** First slot in the section, and how many. */
  readonly start: number
  readonly length: number
  /** The `func` in the object's types; 0 if unknown. */
  readonly typeId: number
  /** Verified on its own, from its prototype; hidden and static ones with their callers. */
  readonly isGlobal: boolean
  /** Loaded only as part of programs that call it. */
  readonly isSubprogram: boolean
}

/** In the order of the symbols. Throws BpfError for functions that lie outside their section. */
export const readFunctions = (elf: Elf, types: Btf | null, ext: BtfExt | null): Func[] => {
  const found: Omit<Func, 'isSubprogram'>[] = []
  for (const symbol of elf.symbols) {
    if (symbol.type !== STT_FUNC) continue
    const section = elf.sections[symbol.section]
    if (!section || !section.isExecutable || section.type !== SHT_PROGBITS) continue
    if (section.size % 8 !== 0) {
      throw new BpfError(
        'bad-section', 'instructions are not multiples of 8 bytes', section.name,
      )
    }
    if (symbol.value % 8 !== 0 || symbol.size % 8 !== 0 || symbol.size === 0 ||
      symbol.value + symbol.size > section.size) {
      throw new BpfError(
        'bad-symbol', `${symbol.size} bytes at ${symbol.value} lie not in \`${section.name}\``, symbol.name,
      )
    }
    if (symbol.bind === STB_LOCAL && section.name !== TEXT) {
      throw new BpfError(
        'unsupported', 'is static, but has a section of its own', symbol.name, 'drop `static` or the section',
      )
    }
    const start = symbol.value / 8
    const info = ext?.functions.get(section.name)?.find(({ slot }) => slot === start)
    found.push({
      name: symbol.name, section, start,
      length: symbol.size / 8,
      typeId: info?.type ?? types?.find(symbol.name, 'func') ?? 0,
      isGlobal: symbol.bind !== STB_LOCAL && symbol.visibility !== STV_HIDDEN && symbol.visibility !== STV_INTERNAL,
    })
  }
  // a lone function without a section of its own is a program, as for old objects
  return found.map((func) => ({ ...func, isSubprogram: func.section.name === TEXT && found.length > 1 }))
}
