/**
 * Instructions from text, in the notation of the disassembler: what it prints is assembled again. In addition: labels
 * (`loop:` and `goto loop`, `call loop`), `r1 = 0x1122 ll` for a 64-bit load, `r1 = map[0]` and `r1 = map[0] + 8` for
 * a map and a place in its value, `r1 = &label` for a function, `call bpf_loop` by name, `callx r1`; `;` begins a
 * comment.
 */
import {
  BPF_ABS, BPF_ADDR_SPACE_CAST, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CMPXCHG, BPF_DW, BPF_END, BPF_EXIT,
  BPF_FETCH, BPF_IMM, BPF_IND, BPF_JA, BPF_JCOND, BPF_JMP, BPF_JMP32, BPF_K, BPF_LD, BPF_LDX, BPF_MEM, BPF_MEMSX,
  BPF_MOV, BPF_NEG, BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC, BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE, BPF_ST, BPF_STX,
  BPF_TO_BE, BPF_W, BPF_X, BPF_XCHG, bpfHelperByName, oneLine,
} from '@lsmkit/abi'
import { emptyCode } from './code.ts'
import type { Code } from './code.ts'
import {
  ALU_SIGNS, ATOMIC_WORDS, JUMP_SIGNS, SIGNED_ALU_SIGNS, SIGNED_SIZE_NAMES, SIZE_NAMES,
} from './names.ts'

/** One instruction; `label` is resolved into `off`, or into `imm` when `isFar`. */
interface Parts {
  readonly op: number
  readonly dst?: number
  readonly src?: number
  readonly off?: number
  readonly imm?: number
  /** imm of the second slot of a 64-bit load. */
  readonly high?: number
  readonly label?: string
  readonly isFar?: boolean
}

/** A line that is not an instruction. */
export class AsmError extends Error {
  override readonly name = 'AsmError'
  /** From 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line}: ${oneLine(message)}`)
    this.line = line
  }
}

/** Throws AsmError. */
export const assemble = (text: string): Code => {
  const labels = new Map<string, number>()
  const found: { readonly parts: Parts; readonly slot: number; readonly line: number }[] = []
  let slot = 0
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/;.*$/, '').replace(/^\s*(?:\d+:\s*)?(?:\([\da-f]{2}\)\s*)?/, '').trim()
    if (line === '') continue
    const label = /^([A-Za-z_]\w*):$/.exec(line)?.[1]
    if (label !== undefined) {
      if (labels.has(label)) throw new AsmError(index + 1, `label \`${label}\` is there already`)
      labels.set(label, slot)
      continue
    }
    const parts = parse(line)
    if (parts === null) throw new AsmError(index + 1, `no such instruction: \`${line}\``)
    found.push({ parts, slot, line: index + 1 })
    slot += parts.high === undefined ? 1 : 2
  }
  const code = emptyCode(slot)
  for (const { parts, slot: at, line } of found) put(code, at, parts, labels, line)
  return code
}

const put = (code: Code, at: number, parts: Parts, labels: ReadonlyMap<string, number>, line: number): void => {
  code.op[at] = parts.op
  code.dst[at] = parts.dst ?? 0
  code.src[at] = parts.src ?? 0
  code.off[at] = parts.off ?? 0
  code.imm[at] = parts.imm ?? 0
  if (parts.high !== undefined) code.imm[at + 1] = parts.high
  if (parts.label === undefined) return
  const to = labels.get(parts.label)
  if (to === undefined) throw new AsmError(line, `no label \`${parts.label}\``)
  if (parts.isFar) code.imm[at] = to - at - 1
  else code.off[at] = to - at - 1
}

/** What names a register first sets it. */
const parse = (line: string): Parts | null => (/^[rw]\d/.test(line)
  ? load(line) ?? atomic(line) ?? packet(line) ?? wide(line) ?? alu(line)
  : jump(line) ?? store(line))

const byName = (names: ReadonlyMap<number, string>): ReadonlyMap<string | undefined, number> =>
  new Map([...names].map(([key, name]) => [name, key]))

const ALU_BY_SIGN = byName(ALU_SIGNS)
const SIGNED_ALU_BY_SIGN = byName(SIGNED_ALU_SIGNS)
const ATOMIC_BY_WORD = byName(ATOMIC_WORDS)
const JUMP_BY_SIGN = byName(JUMP_SIGNS)
const SIZE_BY_NAME = byName(SIZE_NAMES)
const SIGNED_SIZE_BY_NAME = byName(SIGNED_SIZE_NAMES)

const number = (text: string): number => {
  const bare = text.replace(/^[-+]\s*/, '')
  return (text.startsWith('-') ? -Number(bare) : Number(bare)) | 0
}

const NUMBER = String.raw`[-+]?\s*(?:0x[\da-fA-F]+|\d+)`
const PLACE = String.raw`\*?\(([us]\d+) \*\)\(r(\d+)\s*(${NUMBER})\)`

const IF = new RegExp(String.raw`^if ([rw])(\d+) (\S+) (?:([rw])(\d+)|(${NUMBER})) goto (\S+)$`)
const LOAD = new RegExp(`^r(\\d+) = ${PLACE}$`)
const STORE = new RegExp(`^(lock )?${PLACE} (\\S+) (?:r(\\d+)|(${NUMBER}))$`)
const ATOMIC = new RegExp(
  String.raw`^r(\d+) = atomic(64)?_(xchg|cmpxchg|fetch_\w+)\(${PLACE}(?:, r0)?, r(\d+)\)$`,
)
const PACKET = new RegExp(String.raw`^r0 = \*\((u\d+) \*\)skb\[(?:r(\d+) \+ )?(${NUMBER})\]$`)
const ALU = new RegExp(String.raw`^([rw])(\d+) (\S+) (?:(\((s\d+)\))?[rw](\d+)|(${NUMBER}))$`)

/** `pc+3`, `+3` or a label. */
const target = (text: string, isFar = false): Pick<Parts, 'off' | 'imm' | 'label' | 'isFar'> => {
  const distance = /^(?:pc)?([-+]\d+)$/.exec(text)?.[1]
  if (distance === undefined) return { label: text, isFar }
  return isFar ? { imm: number(distance) } : { off: number(distance) }
}

const jump = (line: string): Parts | null => {
  if (line === 'exit') return { op: BPF_JMP | BPF_EXIT }
  const [, word, to] = /^(goto|gotol|may_goto)\s+(\S+)$/.exec(line) ?? []
  if (word === 'goto') return { op: BPF_JMP | BPF_JA, ...target(to!) }
  if (word === 'gotol') return { op: BPF_JMP32 | BPF_JA, ...target(to!, true) }
  if (word === 'may_goto') return { op: BPF_JMP | BPF_JCOND, ...target(to!) }
  const callee = /^call\s+(\S+)$/.exec(line)?.[1]
  if (callee !== undefined) return call(callee)
  const byRegister = /^callx\s+r(\d+)$/.exec(line)?.[1]
  if (byRegister !== undefined) return { op: BPF_JMP | BPF_CALL | BPF_X, dst: Number(byRegister) }
  const found = IF.exec(line)
  if (found === null) return null
  const [, bank, dst, sign, , src, imm, where] = found
  const operation = JUMP_BY_SIGN.get(sign)
  if (operation === undefined) return null
  const op = (bank === 'w' ? BPF_JMP32 : BPF_JMP) | operation | (src === undefined ? BPF_K : BPF_X)
  const right = src === undefined ? { imm: number(imm!) } : { src: Number(src) }
  return { op, dst: Number(dst), ...right, ...target(where!) }
}

const call = (callee: string): Parts => {
  const [, name, id] = /^(\w*)#(-?\d+)$/.exec(callee) ?? []
  const op = BPF_JMP | BPF_CALL
  if (id !== undefined) return { op, imm: Number(id), ...(name === 'kernel' ? { src: 2 } : {}) }
  const helper = callee.startsWith('bpf_') ? bpfHelperByName(callee) : undefined
  if (helper !== undefined) return { op, imm: helper }
  return { op, src: BPF_PSEUDO_CALL, ...target(callee, true) }
}

const load = (line: string): Parts | null => {
  const found = LOAD.exec(line)
  if (found === null) return null
  const [, dst, type, src, off] = found
  const size = SIZE_BY_NAME.get(type)
  const signedSize = SIGNED_SIZE_BY_NAME.get(type)
  if (size === undefined && signedSize === undefined) return null
  const op = BPF_LDX | (size === undefined ? BPF_MEMSX | signedSize! : BPF_MEM | size)
  return { op, dst: Number(dst), src: Number(src), off: number(off!) }
}

const store = (line: string): Parts | null => {
  const found = STORE.exec(line)
  if (found === null) return null
  const [, lock, type, dst, off, sign, src, imm] = found
  const size = SIZE_BY_NAME.get(type)
  if (size === undefined) return null
  const where = { dst: Number(dst), off: number(off!) }
  if (lock) {
    const operation = ALU_BY_SIGN.get(sign)
    return operation === undefined || src === undefined
      ? null
      : { op: BPF_STX | BPF_ATOMIC | size, ...where, src: Number(src), imm: operation }
  }
  if (sign !== '=') return null
  if (src !== undefined) return { op: BPF_STX | BPF_MEM | size, ...where, src: Number(src) }
  return { op: BPF_ST | BPF_MEM | size, ...where, imm: number(imm!) }
}

const atomic = (line: string): Parts | null => {
  const found = ATOMIC.exec(line)
  if (!found) return null
  const [, , is64, word, , dst, off, src] = found
  const operation = ATOMIC_BY_WORD.get(word!.replace('fetch_', ''))
  const op = BPF_STX | BPF_ATOMIC | (is64 ? BPF_DW : BPF_W)
  const where = { op, dst: Number(dst), off: number(off!), src: Number(src) }
  if (word === 'xchg') return { ...where, imm: BPF_XCHG }
  if (word === 'cmpxchg') return { ...where, imm: BPF_CMPXCHG }
  return operation === undefined ? null : { ...where, imm: operation | BPF_FETCH }
}

const packet = (line: string): Parts | null => {
  const [, type, src, imm] = PACKET.exec(line) ?? []
  const size = SIZE_BY_NAME.get(type)
  if (size === undefined) return null
  if (src === undefined) return { op: BPF_LD | BPF_ABS | size, imm: number(imm!) }
  return { op: BPF_LD | BPF_IND | size, src: Number(src), imm: number(imm!) }
}

const wide = (line: string): Parts | null => {
  const op = BPF_LD | BPF_IMM | BPF_DW
  const map = /^r(\d+) = map\[(\d+)\](?:\s*\+\s*(\d+))?$/.exec(line)
  if (map) {
    const [, dst, index, off] = map
    const src = off === undefined ? BPF_PSEUDO_MAP_FD : BPF_PSEUDO_MAP_VALUE
    return { op, dst: Number(dst), src, imm: Number(index), high: Number(off ?? 0) }
  }
  const [, dst, name] = /^r(\d+) = &(\w+)$/.exec(line) ?? []
  if (dst !== undefined) return { op, dst: Number(dst), src: BPF_PSEUDO_FUNC, high: 0, label: name!, isFar: true }
  const [, to, minus, digits, suffix] = /^r(\d+) = (-?)(0x[\da-fA-F]+|\d+)( ll)?$/.exec(line) ?? []
  // the disassembler prints constants of 64-bit loads in hexadecimal, those of moves in decimal
  if (to === undefined || (suffix === undefined && !digits!.startsWith('0x'))) return null
  const value = BigInt.asUintN(64, minus === '-' ? -BigInt(digits!) : BigInt(digits!))
  return { op, dst: Number(to), imm: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) }
}

const alu = (line: string): Parts | null => {
  const order = /^r(\d+) = (be|le|bswap)(16|32|64) r\1$/.exec(line)
  if (order) {
    const [, dst, name, bits] = order
    const cls = name === 'bswap' ? BPF_ALU64 : name === 'be' ? BPF_ALU | BPF_TO_BE : BPF_ALU
    return { op: cls | BPF_END, dst: Number(dst), imm: Number(bits) }
  }
  const negated = /^([rw])(\d+) = -\1\2$/.exec(line)
  if (negated) return { op: (negated[1] === 'w' ? BPF_ALU : BPF_ALU64) | BPF_NEG, dst: Number(negated[2]) }
  const cast = /^r(\d+) = addr_space_cast\(r(\d+), (\d+), (\d+)\)$/.exec(line)
  if (cast) {
    const [, dst, src, to, from] = cast.map(Number)
    return { op: BPF_ALU64 | BPF_MOV | BPF_X, dst: dst!, src: src!, off: BPF_ADDR_SPACE_CAST, imm: (to! << 16) | from! }
  }
  const found = ALU.exec(line)
  if (!found) return null
  const [, bank, dst, sign, , extension, src, imm] = found
  const isSigned = SIGNED_ALU_BY_SIGN.get(sign)
  const operation = isSigned ?? ALU_BY_SIGN.get(sign)
  if (operation === undefined) return null
  const op = (bank === 'w' ? BPF_ALU : BPF_ALU64) | operation | (src === undefined ? BPF_K : BPF_X)
  const off = isSigned === undefined ? Number(extension?.slice(1) ?? 0) : 1
  return { op, dst: Number(dst), off, ...(src === undefined ? { imm: number(imm!) } : { src: Number(src) }) }
}
