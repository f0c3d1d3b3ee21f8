/** The register syntax of the bpf_conformance cases (`mov %r0, 1`; `ldxw %r0, [%r1+4]`) to instructions. */
import * as abi from '@lsmkit/abi'
import { emptyCode } from '@lsmkit/bpf/insn'
import type { Code } from '@lsmkit/bpf/insn'

interface Parts {
  op: number
  dst?: number
  src?: number
  off?: number
  imm?: number
  /** Second slot of `lddw`. */
  high?: number
  /** A label whose distance goes into `off`, or into `imm` for `ja32` and local calls. */
  label?: string
  isFar?: boolean
}

const ALU = {
  add: abi.BPF_ADD, sub: abi.BPF_SUB, mul: abi.BPF_MUL, div: abi.BPF_DIV, sdiv: abi.BPF_DIV, or: abi.BPF_OR,
  and: abi.BPF_AND, lsh: abi.BPF_LSH, rsh: abi.BPF_RSH, mod: abi.BPF_MOD, smod: abi.BPF_MOD, xor: abi.BPF_XOR,
  mov: abi.BPF_MOV, arsh: abi.BPF_ARSH,
} as const
const JUMPS = {
  jeq: abi.BPF_JEQ, jgt: abi.BPF_JGT, jge: abi.BPF_JGE, jset: abi.BPF_JSET, jne: abi.BPF_JNE, jsgt: abi.BPF_JSGT,
  jsge: abi.BPF_JSGE, jlt: abi.BPF_JLT, jle: abi.BPF_JLE, jslt: abi.BPF_JSLT, jsle: abi.BPF_JSLE,
} as const
const SIZES = { b: abi.BPF_B, h: abi.BPF_H, w: abi.BPF_W, dw: abi.BPF_DW } as const
const ATOMICS = {
  add: abi.BPF_ADD, or: abi.BPF_OR, and: abi.BPF_AND, xor: abi.BPF_XOR, xchg: abi.BPF_XCHG, cmpxchg: abi.BPF_CMPXCHG,
} as const

/** `exit` as a label is the last `exit` of the program. Throws SyntaxError with the line. */
export const assemble = (text: string): Code => {
  const labels = new Map<string, number>()
  const found: { readonly parts: Parts; readonly slot: number }[] = []
  let slot = 0
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*$/, '').trim()
    if (line === '') continue
    const label = /^([A-Za-z_]\w*):$/.exec(line)
    if (label) {
      labels.set(label[1]!, slot)
      continue
    }
    const parts = parse(line)
    if (parts.op === (abi.BPF_JMP | abi.BPF_EXIT)) labels.set('exit', slot)
    found.push({ parts, slot })
    slot += parts.high === undefined ? 1 : 2
  }
  const code = emptyCode(slot)
  for (const { parts, slot: at } of found) put(code, at, parts, labels)
  return code
}

const put = (code: Code, at: number, parts: Parts, labels: ReadonlyMap<string, number>): void => {
  let { off = 0, imm = 0 } = parts
  if (parts.label !== undefined) {
    const to = labels.get(parts.label)
    if (to === undefined) throw new SyntaxError(`no label \`${parts.label}\``)
    if (parts.isFar) imm = to - at - 1
    else off = to - at - 1
  }
  code.op[at] = parts.op
  code.dst[at] = parts.dst ?? 0
  code.src[at] = parts.src ?? 0
  code.off[at] = off
  code.imm[at] = imm
  if (parts.high !== undefined) code.imm[at + 1] = parts.high
}

const parse = (line: string): Parts => {
  const [, word, rest] = /^(\S+)\s*(.*)$/.exec(line)!
  const operands = rest === '' ? [] : rest!.split(',').map((operand) => operand.trim())
  const parts =
    alu(word!, operands) ?? jump(word!, operands) ?? access(word!, operands) ?? byteOrder(word!, operands)
    ?? other(word!, rest!, operands)
  if (parts === null) throw new SyntaxError(`no such instruction: \`${line}\``)
  return parts
}

const alu = (word: string, [dst, right]: readonly string[]): Parts | null => {
  const extending = /^movsx(8|16|32)(32|64)$/.exec(word)
  if (extending) {
    const cls = extending[2] === '32' ? abi.BPF_ALU : abi.BPF_ALU64
    const op = cls | abi.BPF_MOV | abi.BPF_X
    return { op, dst: register(dst!), src: register(right!), off: Number(extending[1]) }
  }
  const [, name, width] = /^([a-z]+)(32)?$/.exec(word) ?? []
  if (name === undefined) return null
  const cls = width === '32' ? abi.BPF_ALU : abi.BPF_ALU64
  if (name === 'neg') return { op: cls | abi.BPF_NEG, dst: register(dst!) }
  if (!(Object.hasOwn(ALU, name))) return null
  const off = name === 'sdiv' || name === 'smod' ? 1 : 0
  const { op: bit, ...rest } = source(right!)
  return { op: cls | ALU[name as keyof typeof ALU] | bit, dst: register(dst!), off, ...rest }
}

const jump = (word: string, [left, right, to]: readonly string[]): Parts | null => {
  if (word === 'ja') return { op: abi.BPF_JMP | abi.BPF_JA, ...target(left!) }
  if (word === 'ja32') {
    const { label, off } = target(left!)
    return { op: abi.BPF_JMP32 | abi.BPF_JA, isFar: true, ...(label === undefined ? { imm: off } : { label }) }
  }
  const [, name, width] = /^([a-z]+)(32)?$/.exec(word) ?? []
  if (name === undefined || !(Object.hasOwn(JUMPS, name))) return null
  const cls = width === '32' ? abi.BPF_JMP32 : abi.BPF_JMP
  const { op: bit, ...rest } = source(right!)
  return { op: cls | JUMPS[name as keyof typeof JUMPS] | bit, dst: register(left!), ...rest, ...target(to!) }
}

const access = (word: string, [left, right]: readonly string[]): Parts | null => {
  const load = /^ldx(s?)(b|h|w|dw)$/.exec(word)
  if (load) {
    const mode = load[1] === 's' ? abi.BPF_MEMSX : abi.BPF_MEM
    const { base, off } = place(right!)
    return { op: abi.BPF_LDX | mode | SIZES[load[2] as keyof typeof SIZES], dst: register(left!), src: base, off }
  }
  const store = /^(stx|st)(b|h|w|dw)$/.exec(word)
  if (!store) return null
  const { base, off } = place(left!)
  const op = abi.BPF_MEM | SIZES[store[2] as keyof typeof SIZES]
  if (store[1] === 'stx') return { op: op | abi.BPF_STX, dst: base, off, src: register(right!) }
  return { op: op | abi.BPF_ST, dst: base, off, imm: immediate(right!) }
}

const byteOrder = (word: string, [dst]: readonly string[]): Parts | null => {
  const [, name, bits] = /^(be|le|bswap|swap)(16|32|64)$/.exec(word) ?? []
  if (name === undefined) return null
  const op = name === 'be' ? abi.BPF_ALU | abi.BPF_TO_BE : name === 'le' ? abi.BPF_ALU : abi.BPF_ALU64
  return { op: op | abi.BPF_END, dst: register(dst!), imm: Number(bits) }
}

const other = (word: string, rest: string, operands: readonly string[]): Parts | null => {
  if (word === 'exit') return { op: abi.BPF_JMP | abi.BPF_EXIT }
  if (word === 'lddw') {
    const value = BigInt.asUintN(64, rest.includes('-') ? -BigInt(operands[1]!.slice(1)) : BigInt(operands[1]!))
    const op = abi.BPF_LD | abi.BPF_IMM | abi.BPF_DW
    return { op, dst: register(operands[0]!), imm: Number(value & 0xffff_ffffn) | 0, high: Number(value >> 32n) | 0 }
  }
  if (word === 'callx') return { op: abi.BPF_JMP | abi.BPF_CALL | abi.BPF_X, dst: register(operands[0]!) }
  if (word === 'call') {
    const local = /^local\s+(\S+)$/.exec(rest)
    const op = abi.BPF_JMP | abi.BPF_CALL
    if (/^%r\d/.test(rest)) return { op: op | abi.BPF_X, dst: register(rest) }
    return local ? { op, src: abi.BPF_PSEUDO_CALL, label: local[1]!, isFar: true } : { op, imm: immediate(rest) }
  }
  if (word !== 'lock') return null
  const [, fetch, name, width] = /^(fetch )?([a-z]+)(32)?$/.exec(rest.slice(0, rest.indexOf('[')).trim()) ?? []
  if (name === undefined || !(Object.hasOwn(ATOMICS, name))) return null
  const { base, off } = place(operands[0]!.slice(operands[0]!.indexOf('[')))
  const imm = ATOMICS[name as keyof typeof ATOMICS] | (fetch === undefined ? 0 : abi.BPF_FETCH)
  const op = abi.BPF_STX | abi.BPF_ATOMIC | (width === '32' ? abi.BPF_W : abi.BPF_DW)
  return { op, dst: base, off, src: register(operands[1]!), imm }
}

const register = (text: string): number => {
  const [, number] = /^%?r(\d+)$/.exec(text) ?? []
  if (number === undefined) throw new SyntaxError(`not a register: \`${text}\``)
  return Number(number)
}

const immediate = (text: string): number => {
  const value = Number(text.replace(/^[-+]/, ''))
  if (Number.isNaN(value)) throw new SyntaxError(`not a number: \`${text}\``)
  return (text.startsWith('-') ? -value : value) | 0
}

const source = (text: string): { op: number; src?: number; imm?: number } =>
  /^%?r\d/.test(text) ? { op: abi.BPF_X, src: register(text) } : { op: abi.BPF_K, imm: immediate(text) }

const target = (text: string): { label?: string; off?: number } =>
  /^[-+]/.test(text) ? { off: immediate(text) } : { label: text }

const place = (text: string): { base: number; off: number } => {
  const [, base, off] = /^\[(%?r\d+)\s*([-+]\s*\w+)?\]$/.exec(text) ?? []
  if (base === undefined) throw new SyntaxError(`not a place in memory: \`${text}\``)
  return { base: register(base), off: off === undefined ? 0 : immediate(off.replaceAll(' ', '')) }
}
