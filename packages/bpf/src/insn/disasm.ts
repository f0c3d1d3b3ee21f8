/** Instructions as text, in the notation of the kernel verifier's log: `(b7) r0 = 0`. */
import {
  BPF_ABS, BPF_ADDR_SPACE_CAST, BPF_ADD, BPF_ALU, BPF_ALU64, BPF_AND, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_CMPXCHG,
  BPF_DIV, BPF_DW, BPF_END, BPF_EXIT, BPF_FETCH, BPF_IMM, BPF_IND, BPF_JA, BPF_JCOND, BPF_JMP, BPF_JMP32, BPF_LD,
  BPF_LDX, BPF_MAY_GOTO, BPF_MEM, BPF_MEMSX, BPF_MOD, BPF_MODE, BPF_MOV, BPF_NEG, BPF_OP, BPF_OR,
  BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC, BPF_PSEUDO_KFUNC_CALL, BPF_SIZE, BPF_SRC, BPF_ST, BPF_STX, BPF_TO_BE, BPF_X,
  BPF_XCHG, BPF_XOR, bpfHelperTable,
} from '@lsmkit/abi'
import { aBoolean, aFunction, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Code } from './code.ts'
import {
  ALU_SIGNS, ATOMIC_WORDS, JUMP_SIGNS, SIGNED_ALU_SIGNS, SIGNED_SIZE_NAMES, SIZE_NAMES,
} from './names.ts'

/** Names for a reader of the text that the instructions do not have. */
export interface DisasmNames {
  /** Name of the kernel function that a kfunc call's imm stands for. */
  readonly kfunc?: (typeId: number, slot: number) => string | undefined
  /** The text of a 64-bit load of a map, a map value, a variable or a function, instead of `0x…`. */
  readonly wide?: (slot: number) => string | undefined
  /** False: addresses of maps and variables are shown as 0x0, as to a caller that may not see pointers. */
  readonly mayLeak?: boolean
}

const rules: OptionRules<DisasmNames> = { kfunc: aFunction, wide: aFunction, mayLeak: aBoolean }

/** The text of one slot, without its number; a `lddw` is printed by its first slot. */
export const disasmSlot = (code: Code, slot: number, names: DisasmNames = {}): string => {
  checkOptions(names, rules, 'disasmSlot')
  const op = code.op[slot]!
  const text = describe(code, slot, op, names)
  return text.startsWith('BUG') ? text : `(${hex2(op)}) ${text}`
}

/** One line per instruction, `SLOT: (CODE) TEXT`, ending with a line feed. */
export const disasm = (code: Code, names: DisasmNames = {}): string => {
  checkOptions(names, rules, 'disasm')
  let text = ''
  for (let slot = 0; slot < code.length; slot += isWide(code.op[slot]!) ? 2 : 1) {
    text += `${slot}: ${disasmSlot(code, slot, names)}\n`
  }
  return text
}

/** Whether the code is the first of two slots. */
export const isWide = (op: number): boolean => op === (BPF_LD | BPF_IMM | BPF_DW)

const describe = (code: Code, slot: number, op: number, names: DisasmNames): string => {
  switch (BPF_CLASS(op)) {
    case BPF_ALU:
    case BPF_ALU64:
      return describeAlu(code, slot, op)
    case BPF_LDX:
      return describeLoad(code, slot, op)
    case BPF_LD:
      return describeWideOrPacket(code, slot, op, names)
    case BPF_ST:
      return describeStoreConstant(code, slot, op)
    case BPF_STX:
      return describeStore(code, slot, op)
    default:
      return describeJump(code, slot, op, names)
  }
}

const describeAlu = (code: Code, slot: number, op: number): string => {
  const [dst, src, off, imm] = [code.dst[slot]!, code.src[slot]!, code.off[slot]!, code.imm[slot]!]
  const bank = BPF_CLASS(op) === BPF_ALU ? 'w' : 'r'
  const operation = BPF_OP(op)
  if (operation === BPF_END) {
    const order = BPF_CLASS(op) === BPF_ALU64 ? 'bswap' : BPF_SRC(op) === BPF_TO_BE ? 'be' : 'le'
    return `r${dst} = ${order}${imm} r${dst}`
  }
  if (operation === BPF_NEG) return `${bank}${dst} = -${bank}${dst}`
  if (op === (BPF_ALU64 | BPF_MOV | BPF_X)) {
    if (off === BPF_ADDR_SPACE_CAST) return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`
    if (off === PER_CPU_ADDRESS) return `r${dst} = &(void __percpu *)(r${src})`
  }
  const isSigned = (operation === BPF_DIV || operation === BPF_MOD) && off === 1
  const sign = (isSigned ? SIGNED_ALU_SIGNS : ALU_SIGNS).get(operation) ?? '(null)'
  if (BPF_SRC(op) !== BPF_X) return `${bank}${dst} ${sign} ${imm}`
  const cast = operation === BPF_MOV && (off === 8 || off === 16 || off === 32) ? `(s${off})` : ''
  return `${bank}${dst} ${sign} ${cast}${bank}${src}`
}

const describeLoad = (code: Code, slot: number, op: number): string => {
  const mode = BPF_MODE(op)
  if (mode !== BPF_MEM && mode !== BPF_MEMSX) return `BUG_ldx_${hex2(op)}`
  const size = (mode === BPF_MEM ? SIZE_NAMES : SIGNED_SIZE_NAMES).get(BPF_SIZE(op)) ?? '(null)'
  return `r${code.dst[slot]!} = ${place(size, code.src[slot]!, code.off[slot]!)}`
}

const describeStore = (code: Code, slot: number, op: number): string => {
  const [dst, src, off, imm] = [code.dst[slot]!, code.src[slot]!, code.off[slot]!, code.imm[slot]!]
  const size = SIZE_NAMES.get(BPF_SIZE(op))!
  const at = place(size, dst, off)
  if (BPF_MODE(op) === BPF_MEM) return `${at} = r${src}`
  if (BPF_MODE(op) !== BPF_ATOMIC) return `BUG_${hex2(op)}`
  const width = BPF_SIZE(op) === BPF_DW ? '64' : ''
  switch (imm) {
    case BPF_ADD:
    case BPF_AND:
    case BPF_OR:
    case BPF_XOR:
      return `lock ${at} ${ALU_SIGNS.get(imm)!} r${src}`
    case BPF_ADD | BPF_FETCH:
    case BPF_AND | BPF_FETCH:
    case BPF_OR | BPF_FETCH:
    case BPF_XOR | BPF_FETCH:
      return `r${src} = atomic${width}_fetch_${ATOMIC_WORDS.get(BPF_OP(imm))!}(${pointer(size, dst, off)}, r${src})`
    case BPF_CMPXCHG:
      return `r0 = atomic${width}_cmpxchg(${pointer(size, dst, off)}, r0, r${src})`
    case BPF_XCHG:
      return `r${src} = atomic${width}_xchg(${pointer(size, dst, off)}, r${src})`
    default:
      return `BUG_${hex2(op)}`
  }
}

const describeStoreConstant = (code: Code, slot: number, op: number): string => {
  if (BPF_MODE(op) === NO_SPECULATION) return 'nospec'
  if (BPF_MODE(op) !== BPF_MEM) return `BUG_st_${hex2(op)}`
  return `${place(SIZE_NAMES.get(BPF_SIZE(op))!, code.dst[slot]!, code.off[slot]!)} = ${code.imm[slot]!}`
}

const describeWideOrPacket = (code: Code, slot: number, op: number, names: DisasmNames): string => {
  const [src, imm] = [code.src[slot]!, code.imm[slot]!]
  const size = SIZE_NAMES.get(BPF_SIZE(op))!
  if (BPF_MODE(op) === BPF_ABS) return `r0 = *(${size} *)skb[${imm}]`
  if (BPF_MODE(op) === BPF_IND) return `r0 = *(${size} *)skb[r${src} + ${imm}]`
  if (!isWide(op)) return `BUG_ld_${hex2(op)}`
  return `r${code.dst[slot]!} = ${names.wide?.(slot) ?? wideNumber(code, slot, names)}`
}

const wideNumber = (code: Code, slot: number, { mayLeak = true }: DisasmNames): string => {
  const src = code.src[slot]!
  const isAddress = src !== 0 && src !== BPF_PSEUDO_FUNC
  if (isAddress && !mayLeak) return '0x0'
  const high = code.imm[slot + 1] ?? 0
  return `0x${((BigInt(high >>> 0) << 32n) | BigInt(code.imm[slot]! >>> 0)).toString(16)}`
}

const describeJump = (code: Code, slot: number, op: number, names: DisasmNames): string => {
  const [dst, src, off, imm] = [code.dst[slot]!, code.src[slot]!, code.off[slot]!, code.imm[slot]!]
  if (BPF_OP(op) === BPF_CALL) return describeCall(slot, src, imm, names)
  if (op === (BPF_JMP | BPF_JA)) return `goto pc${signed(off)}`
  if (op === (BPF_JMP | BPF_JCOND) && src === BPF_MAY_GOTO) return `may_goto pc${signed(off)}`
  if (op === (BPF_JMP32 | BPF_JA)) return `gotol pc${signed(imm)}`
  if (op === (BPF_JMP | BPF_EXIT)) return 'exit'
  const odd = BPF_OP(op) === BPF_JA ? 'jmp' : BPF_OP(op) === BPF_EXIT ? 'exit' : '(null)'
  const sign = JUMP_SIGNS.get(BPF_OP(op)) ?? odd
  const bank = BPF_CLASS(op) === BPF_JMP32 ? 'w' : 'r'
  const right = BPF_SRC(op) === BPF_X ? `${bank}${src}` : `0x${(imm >>> 0).toString(16)}`
  return `if ${bank}${dst} ${sign} ${right} goto pc${signed(off)}`
}

const describeCall = (slot: number, src: number, imm: number, names: DisasmNames): string => {
  if (src === BPF_PSEUDO_CALL) return `call pc${signed(imm)}`
  if (src === BPF_PSEUDO_KFUNC_CALL) return `call ${names.kfunc?.(imm, slot) ?? 'kernel-function'}#${imm}`
  const name = src === 0 ? bpfHelperTable.nameOf(imm)?.replace('BPF_FUNC_', 'bpf_') : undefined
  return `call ${name ?? 'unknown'}#${imm}`
}

/** `off` of the move that turns a per-CPU address into this CPU's; made by the kernel itself, never loaded. */
const PER_CPU_ADDRESS = -1
/** Mode of the speculation barrier that the kernel itself inserts. */
const NO_SPECULATION = 0xc0

const pointer = (size: string, register: number, off: number): string => `(${size} *)(r${register} ${signed(off)})`
const place = (size: string, register: number, off: number): string => `*${pointer(size, register, off)}`
const signed = (value: number): string => (value < 0 ? String(value) : `+${value}`)
const hex2 = (value: number): string => value.toString(16).padStart(2, '0')
