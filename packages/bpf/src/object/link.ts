/** Puts programs together: a program's function, then every subprogram it reaches, with their symbols' values. */
import { SHN_LORESERVE, SHN_UNDEF, STT_FUNC, STT_SECTION } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfExt } from '../btf/btf-ext.ts'
import type { Elf, ElfRelocation, ElfSection } from '../elf/elf.ts'
import { BpfError } from '../error.ts'
import { emptyCode } from '../insn/code.ts'
import type { Code } from '../insn/code.ts'
import { poison } from '../relo/index.ts'
import type { SourceLine, Subprogram } from './bpf-object.ts'
import type { Extern } from './externs.ts'
import { TEXT } from './functions.ts'
import type { Func } from './functions.ts'
import type { SectionCode } from './section-code.ts'

const LDDW = 0x18
const CALL = 0x85
const PSEUDO_MAP_FD = 1
const PSEUDO_MAP_VALUE = 2
const isMapLoad = (src: number): boolean => src === PSEUDO_MAP_FD || src === PSEUDO_MAP_VALUE
const PSEUDO_BTF_ID = 3
const PSEUDO_FUNC = 4
const PSEUDO_CALL = 1
const PSEUDO_KFUNC_CALL = 2
/** As libbpf's POISON_CALL_KFUNC_BASE: plus the extern's index, a helper that there is not. */
const KFUNC_POISON = 2002000000

/** The meaning of symbols. */
export interface LinkEnv {
  readonly elf: Elf
  readonly types: Btf | null
  readonly ext: BtfExt | null
  readonly functions: readonly Func[]
  readonly sections: ReadonlyMap<number, SectionCode>
  readonly externs: ReadonlyMap<string, Extern>
  /** Index of the map that is defined at an offset of a section, -1 when none is. */
  readonly mapAt: (section: number, offset: number) => number
  /** Index of the map made of a whole section of data, -1 if there is none. */
  readonly dataMap: (section: number) => number
  /** Index of `.kconfig`'s map. */
  readonly configMap: number
}

export interface Linked {
  readonly code: Code
  readonly subprograms: readonly Subprogram[]
  readonly lines: readonly SourceLine[]
  readonly poisoned: ReadonlyMap<number, string>
}

/** Throws BpfError `bad-relocation` and friends; places are `section+slot`. */
export const linkProgram = (env: LinkEnv, main: Func, exceptionCallback: Func | null): Linked =>
  new Linking(env, main).run(exceptionCallback)

interface Piece {
  readonly func: Func
  readonly start: number
}

class Linking {
  readonly #env: LinkEnv
  readonly #main: Func
  readonly #pieces: Piece[] = []
  readonly #starts = new Map<Func, number>()
  readonly #poisoned = new Map<number, string>()
  /** Slots in use of `code`, which has room for all there could be. */
  #length = 0
  readonly #code: Code

  constructor(env: LinkEnv, main: Func) {
    this.#env = env
    this.#main = main
    this.#code = emptyCode(reachableLength(env, main))
  }

  run(exceptionCallback: Func | null): Linked {
    this.#place(this.#main)
    if (exceptionCallback && !this.#starts.has(exceptionCallback)) this.#place(exceptionCallback)
    return {
      code: cut(this.#code, this.#length),
      subprograms: this.#pieces.map(
        ({ func: { name, typeId, isGlobal }, start }) => ({ name, start, typeId, isGlobal }),
      ),
      lines: this.#pieces.flatMap((piece) => this.#lines(piece)),
      poisoned: this.#poisoned,
    }
  }

  /** Appends a function, then what it reaches, depth first: the order that libbpf gives subprograms. */
  #place(func: Func): number {
    const start = this.#length
    this.#starts.set(func, start)
    this.#pieces.push({ func, start })
    this.#length += func.length
    const section = this.#env.sections.get(func.section.index)!
    copy(section.code, func.start, this.#code, start, func.length)
    for (let index = 0; index < func.length; index++) {
      const from = func.start + index
      const why = section.poisoned.get(from)
      if (why !== undefined) this.#poisoned.set(start + index, why)
      const relocation = section.relocations.get(from)
      const op = this.#code.op[start + index]!
      if (op === CALL && this.#code.src[start + index] === PSEUDO_CALL)
        this.#call(func, start + index, from, relocation)
      else if (relocation && why === undefined) this.#load(func, start + index, from, relocation)
      else if (op === LDDW && this.#code.src[start + index] === PSEUDO_FUNC) {
        const target = from + 1 + this.#code.imm[start + index]!
        this.#pointTo(start + index, this.#functionAt(func.section, target, from))
      } else if (op === LDDW && !relocation && isMapLoad(this.#code.src[start + index]!)) {
        this.#code.imm[start + index] = ~this.#code.imm[start + index]!
      }
      if (op === LDDW) index++
    }
    return start
  }

  #call(func: Func, slot: number, from: number, relocation: ElfRelocation | undefined): void {
    const imm = this.#code.imm[slot]!
    if (!relocation) return this.#pointTo(slot, this.#functionAt(func.section, from + imm + 1, from))
    const { symbol } = relocation
    if (symbol.section === SHN_UNDEF) {
      const extern = this.#extern(symbol.name, func.section, from)
      if (extern.target.kind === 'kfunc') {
        this.#code.src[slot] = PSEUDO_KFUNC_CALL
        this.#code.imm[slot] = extern.target.id
      } else {
        poison(this.#code, slot, KFUNC_POISON + extern.index)
        this.#poisoned.set(slot, `kfunc \`${symbol.name}\`: ${extern.missing ?? 'weak, and not in the kernel'}`)
      }
      return undefined
    }
    const section = this.#sectionOf(relocation, func.section, from)
    if (section.name !== TEXT) this.#bad(`calls into \`${section.name}\``, func.section, from)
    return this.#pointTo(slot, this.#functionAt(section, symbol.value / 8 + imm + 1, from))
  }

  #load(func: Func, slot: number, from: number, relocation: ElfRelocation): void {
    const env = this.#env
    const code = this.#code
    const { symbol } = relocation
    if (code.op[slot] !== LDDW) {
      this.#bad(`an instruction 0x${code.op[slot]!.toString(16)} cannot hold an address`, func.section, from)
    }
    const addend = code.imm[slot]!
    if (symbol.section === SHN_UNDEF) return this.#loadExtern(slot, this.#extern(symbol.name, func.section, from))
    const section = this.#sectionOf(relocation, func.section, from)
    if (section.name === TEXT && (symbol.type === STT_FUNC || symbol.type === STT_SECTION)) {
      return this.#pointTo(slot, this.#functionAt(section, (symbol.value + addend) / 8, from), PSEUDO_FUNC)
    }
    const map = env.mapAt(section.index, symbol.value)
    if (map >= 0) return this.#set(slot, PSEUDO_MAP_FD, map, 0)
    const data = env.dataMap(section.index)
    if (data < 0) return this.#bad(`the address of something in \`${section.name}\``, func.section, from)
    return this.#set(slot, PSEUDO_MAP_VALUE, data, symbol.value + addend)
  }

  #loadExtern(slot: number, { target }: Extern): void {
    switch (target.kind) {
      case 'config': return this.#set(slot, PSEUDO_MAP_VALUE, this.#env.configMap, target.offset)
      case 'variable': case 'kfunc': return this.#set(slot, PSEUDO_BTF_ID, target.id, 0)
      case 'address':
        return this.#set(
          slot, 0, Number(BigInt.asIntN(32, target.address)), Number(BigInt.asIntN(32, target.address >> 32n)),
        )
      case 'missing': return this.#set(slot, 0, 0, 0)
    }
  }

  #set(slot: number, src: number, low: number, high: number): void {
    this.#code.src[slot] = src
    this.#code.imm[slot] = low
    this.#code.imm[slot + 1] = high
  }

  /** The instruction's imm becomes the distance to the function, which is placed if it was not. */
  #pointTo(slot: number, target: Func, src: number | null = null): void {
    const start = this.#starts.get(target) ?? this.#place(target)
    if (src !== null) {
      this.#code.src[slot] = src
      this.#code.imm[slot + 1] = 0
    }
    this.#code.imm[slot] = start - slot - 1
  }

  #extern(name: string, section: ElfSection, from: number): Extern {
    return this.#env.externs.get(name) ?? this.#bad(`\`${name}\` is nowhere`, section, from)
  }

  #sectionOf({ symbol }: ElfRelocation, section: ElfSection, from: number): ElfSection {
    const found = symbol.section < SHN_LORESERVE ? this.#env.elf.sections[symbol.section] : undefined
    return found ?? this.#bad(`\`${symbol.name}\` lies in no section`, section, from)
  }

  #functionAt(section: ElfSection, start: number, from: number): Func {
    return functionAt(this.#env, section, start) ?? this.#bad('no function begins where a call goes', section, from)
  }

  #bad(message: string, section: ElfSection, slot: number): never {
    throw new BpfError('bad-relocation', message, `${section.name}+${slot}`)
  }

  #lines({ func, start }: Piece): SourceLine[] {
    const { ext, types } = this.#env
    const lines: SourceLine[] = []
    for (const { slot, file, text, line, column } of ext?.lines.get(func.section.name) ?? []) {
      if (slot < func.start || slot >= func.start + func.length) continue
      lines.push({ slot: slot - func.start + start, file: types!.text(file), text: types!.text(text), line, column })
    }
    return lines
  }
}

const functionAt = (env: LinkEnv, section: ElfSection, start: number): Func | null =>
  env.functions.find((func) => func.section === section && func.start === start) ?? null

/** An upper bound: the program and all subprograms of the file. */
const reachableLength = ({ functions }: LinkEnv, main: Func): number =>
  functions.reduce((sum, func) => (func === main ? sum : sum + func.length), main.length)

const cut = (code: Code, length: number): Code => ({
  length,
  op: code.op.slice(0, length),
  dst: code.dst.slice(0, length),
  src: code.src.slice(0, length),
  off: code.off.slice(0, length),
  imm: code.imm.slice(0, length),
})

const copy = (from: Code, start: number, to: Code, at: number, length: number): void => {
  to.op.set(from.op.subarray(start, start + length), at)
  to.dst.set(from.dst.subarray(start, start + length), at)
  to.src.set(from.src.subarray(start, start + length), at)
  to.off.set(from.off.subarray(start, start + length), at)
  to.imm.set(from.imm.subarray(start, start + length), at)
}
