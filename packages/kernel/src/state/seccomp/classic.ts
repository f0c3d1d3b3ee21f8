/** Classic BPF on the 64 bytes of `struct seccomp_data`: checked as seccomp_check_filter does, then interpreted. */
import { EINVAL } from '@lsmkit/abi'

/** `struct sock_filter`. */
export interface SockFilter {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** Bytes of `struct seccomp_data`. */
export const DATA_SIZE = 64
const SCRATCH_WORDS = 16
const MOST_INSTRUCTIONS = 4096

// codes that seccomp takes, by their numbers in linux/filter.h
const LD_W_ABS = 0x20
const LD_LEN = 0x80
const LDX_LEN = 0x81
const LD_IMM = 0x00
const LDX_IMM = 0x01
const LD_MEM = 0x60
const LDX_MEM = 0x61
const ST = 0x02
const STX = 0x03
const RET_K = 0x06
const RET_A = 0x16
const TAX = 0x07
const TXA = 0x87
const ALU = 0x04
const JMP = 0x05
const JA = 0x05
const NEG = 0x84

/** ALU operations, with a constant or with X. */
const ALU_OPS: ReadonlySet<number> = new Set([0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0])
/** Conditional jumps. */
const JUMP_OPS: ReadonlySet<number> = new Set([0x10, 0x20, 0x30, 0x40])

/** 0, or -EINVAL for what seccomp does not take. */
export const checkFilter = (filter: readonly SockFilter[]): number => {
  if (filter.length === 0 || filter.length > MOST_INSTRUCTIONS) return -EINVAL
  for (const [at, instruction] of filter.entries()) if (!isAllowed(filter, at, instruction)) return -EINVAL
  const last = filter.at(-1)!.code
  return last === RET_K || last === RET_A ? 0 : -EINVAL
}

const isAllowed = (filter: readonly SockFilter[], at: number, { code, jt, jf, k }: SockFilter): boolean => {
  const left = filter.length - at - 1
  switch (code) {
    case LD_W_ABS: return (k & 3) === 0 && k >= 0 && k < DATA_SIZE
    case LD_MEM: case LDX_MEM: case ST: case STX: return k >= 0 && k < SCRATCH_WORDS
    case LD_LEN: case LDX_LEN: case LD_IMM: case LDX_IMM: case RET_K: case RET_A: case TAX: case TXA: case NEG:
      return true
    case JA: return k >>> 0 < left
    default: {
      const [cls, operation, isRegister] = [code & 0x07, code & 0xf0, (code & 0x08) !== 0]
      if (code > 0xff) return false
      if (cls === ALU) {
        if (!ALU_OPS.has(operation)) return false
        if (!isRegister && operation === 0x30) return k !== 0
        return isRegister || (operation !== 0x60 && operation !== 0x70) || k >>> 0 < 32
      }
      return cls === JMP && JUMP_OPS.has(operation) && jt < left && jf < left
    }
  }
}

/** Runs a checked filter; its 32-bit answer, unsigned. Jumps go forward only, so it ends. */
export const runFilter = (filter: readonly SockFilter[], data: DataView): number => {
  const scratch = new Uint32Array(SCRATCH_WORDS)
  let [a, x] = [0, 0]
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = filter[at]!
    switch (code) {
      case LD_W_ABS: a = data.getUint32(k, true); break
      case LD_LEN: a = DATA_SIZE; break
      case LDX_LEN: x = DATA_SIZE; break
      case LD_IMM: a = k >>> 0; break
      case LDX_IMM: x = k >>> 0; break
      case LD_MEM: a = scratch[k]!; break
      case LDX_MEM: x = scratch[k]!; break
      case ST: scratch[k] = a; break
      case STX: scratch[k] = x; break
      case RET_K: return k >>> 0
      case RET_A: return a
      case TAX: x = a; break
      case TXA: a = x; break
      case JA: at += k >>> 0; break
      default: {
        const right = (code & 0x08) !== 0 ? x : k >>> 0
        if ((code & 0x07) === JMP) at += isTaken(code & 0xf0, a, right) ? jt : jf
        else {
          // as bpf_convert_filter has it: division by X = 0 ends the program with 0
          if ((code & 0xf0) === 0x30 && right === 0) return 0
          a = compute(code & 0xf0, a, right)
        }
      }
    }
  }
}

const isTaken = (operation: number, a: number, right: number): boolean => {
  switch (operation) {
    case 0x10: return a === right
    case 0x20: return a > right
    case 0x30: return a >= right
    default: return (a & right) !== 0
  }
}

const compute = (operation: number, a: number, right: number): number => {
  switch (operation) {
    case 0x00: return (a + right) >>> 0
    case 0x10: return (a - right) >>> 0
    case 0x20: return Math.imul(a, right) >>> 0
    case 0x30: return Math.floor(a / right)
    case 0x40: return (a | right) >>> 0
    case 0x50: return (a & right) >>> 0
    case 0x60: return (a << right) >>> 0
    case 0x70: return a >>> right
    case 0x80: return -a >>> 0
    default: return (a ^ right) >>> 0
  }
}
