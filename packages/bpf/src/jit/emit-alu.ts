/** Arithmetic: 64 bits as they are, 32 bits through i32 with the upper half cleared afterwards. */
import {
  BPF_ADD, BPF_ADDR_SPACE_CAST, BPF_ALU64, BPF_AND, BPF_ARSH, BPF_CLASS, BPF_DIV, BPF_END, BPF_LSH, BPF_MOD, BPF_MOV,
  BPF_MUL, BPF_NEG, BPF_OP, BPF_OR, BPF_RSH, BPF_SRC, BPF_SUB, BPF_TO_BE, BPF_X, BPF_XOR,
} from '@lsmkit/abi'
import { FAULT } from '../vm/fault.ts'
import { I32, I64 } from '../wasm/opcode.ts'
import type { OpName } from '../wasm/opcode.ts'
import type { FrameContext } from './frame.ts'

/** Operations that are one instruction at either width, without their `i32_` or `i64_`. */
const SIMPLE: ReadonlyMap<number, string> = new Map([
  [BPF_ADD, 'add'],
  [BPF_SUB, 'sub'],
  [BPF_MUL, 'mul'],
  [BPF_OR, 'or'],
  [BPF_AND, 'and'],
  [BPF_XOR, 'xor'],
  [BPF_LSH, 'shl'],
  [BPF_RSH, 'shr_u'],
  [BPF_ARSH, 'shr_s'],
])

export const emitAlu = (f: FrameContext, slot: number): void => {
  const { body, code } = f
  const op = code.op[slot]!
  const isWideAlu = BPF_CLASS(op) === BPF_ALU64
  const dst = f.registers[code.dst[slot]!]
  if (dst === undefined) return f.fault(slot, FAULT.opcode)
  if (BPF_OP(op) === BPF_END) return emitByteOrder(f, slot, dst)
  const width = isWideAlu ? 'i64' : 'i32'
  const finish = (): void => {
    if (!isWideAlu) body.op('i64_extend_i32_u')
    body.set(dst)
  }
  switch (BPF_OP(op)) {
    case BPF_MOV:
      return emitMove(f, slot, dst, isWideAlu)
    case BPF_NEG:
      if (isWideAlu) body.i64(0)
      else body.i32(0)
      pushDestination(f, dst, isWideAlu)
      body.op(`${width}_sub`)
      return finish()
    case BPF_DIV:
    case BPF_MOD:
      emitDivision(f, slot, dst, isWideAlu)
      return finish()
    default: {
      const simple = SIMPLE.get(BPF_OP(op))
      if (simple === undefined) return f.fault(slot, FAULT.opcode)
      pushDestination(f, dst, isWideAlu)
      pushSource(f, slot, isWideAlu)
      body.op(`${width}_${simple}` as OpName)
      return finish()
    }
  }
}

const pushDestination = ({ body }: FrameContext, dst: number, isWideAlu: boolean): void => {
  body.get(dst)
  if (!isWideAlu) body.op('i32_wrap_i64')
}

/** The register or the sign-extended constant. */
export const pushSource = (f: FrameContext, slot: number, isWide: boolean): void => {
  const { body, code } = f
  if (BPF_SRC(code.op[slot]!) !== BPF_X) {
    if (isWide) body.i64(code.imm[slot]!)
    else body.i32(code.imm[slot]!)
    return
  }
  body.get(f.registers[code.src[slot]!] ?? f.value)
  if (!isWide) body.op('i32_wrap_i64')
}

const emitMove = (f: FrameContext, slot: number, dst: number, isWideAlu: boolean): void => {
  const { body, code } = f
  const off = code.off[slot]!
  if (BPF_SRC(code.op[slot]!) === BPF_X && off !== 0 && off !== BPF_ADDR_SPACE_CAST) {
    body.get(f.registers[code.src[slot]!] ?? f.value)
    if (off === 8) body.op('i64_extend8_s')
    else if (off === 16) body.op('i64_extend16_s')
    else body.op('i64_extend32_s')
    if (!isWideAlu) body.op('i32_wrap_i64').op('i64_extend_i32_u')
    body.set(dst)
    return
  }
  // arena addresses are addresses of this memory in either space
  pushSource(f, slot, isWideAlu)
  if (!isWideAlu) body.op('i64_extend_i32_u')
  body.set(dst)
}

/** Leaves the result on the stack: x / 0 is 0, x % 0 is x, and nothing overflows. */
const emitDivision = (f: FrameContext, slot: number, dst: number, isWideAlu: boolean): void => {
  const { body, code } = f
  const isRemainder = BPF_OP(code.op[slot]!) === BPF_MOD
  const isSigned = code.off[slot] === 1
  const width = isWideAlu ? 'i64' : 'i32'
  const divide = `${width}_${isRemainder ? 'rem' : 'div'}_${isSigned ? 's' : 'u'}` as OpName
  const zero = (): void => void (isWideAlu ? body.i64(0) : body.i32(0))
  const undivided = (): void => {
    if (isRemainder) pushDestination(f, dst, isWideAlu)
    else zero()
  }
  if (BPF_SRC(code.op[slot]!) !== BPF_X) {
    const divisor = code.imm[slot]!
    if (divisor === 0) return undivided()
    if (divisor === -1 && isSigned) {
      zero()
      if (isRemainder) return
      pushDestination(f, dst, isWideAlu)
      body.op(`${width}_sub`)
      return
    }
    pushDestination(f, dst, isWideAlu)
    pushSource(f, slot, isWideAlu)
    body.op(divide)
    return
  }
  pushSource(f, slot, isWideAlu)
  body.op(`${width}_eqz`).if(isWideAlu ? I64 : I32)
  undivided()
  body.else()
  if (isSigned && !isRemainder) {
    // the smallest number divided by -1 traps in WebAssembly and is itself here
    pushSource(f, slot, isWideAlu)
    if (isWideAlu) body.i64(-1)
    else body.i32(-1)
    body.op(`${width}_eq`).if(isWideAlu ? I64 : I32)
    zero()
    pushDestination(f, dst, isWideAlu)
    body.op(`${width}_sub`).else()
  }
  pushDestination(f, dst, isWideAlu)
  pushSource(f, slot, isWideAlu)
  body.op(divide)
  if (isSigned && !isRemainder) body.end()
  body.end()
}

const emitByteOrder = (f: FrameContext, slot: number, dst: number): void => {
  const { body, code } = f
  const op = code.op[slot]!
  const bits = code.imm[slot]!
  if (bits !== 16 && bits !== 32 && bits !== 64) return f.fault(slot, FAULT.opcode)
  const swaps = BPF_CLASS(op) === BPF_ALU64 || BPF_SRC(op) === BPF_TO_BE
  if (!swaps) {
    // little-endian already: only the width counts
    if (bits === 64) return
    body.get(dst)
    if (bits === 16) body.i64(0xffff).op('i64_and')
    else body.op('i32_wrap_i64').op('i64_extend_i32_u')
    body.set(dst)
    return
  }
  if (bits === 16) {
    body.get(dst).i64(8).op('i64_shr_u').i64(0xff).op('i64_and')
    body.get(dst).i64(0xff).op('i64_and').i64(8).op('i64_shl').op('i64_or').set(dst)
    return
  }
  if (bits === 32) {
    body.get(dst).op('i32_wrap_i64')
    swap32(body, f)
    body.op('i64_extend_i32_u').set(dst)
    return
  }
  body.get(dst).op('i32_wrap_i64')
  swap32(body, f)
  body.op('i64_extend_i32_u').i64(32).op('i64_shl')
  body.get(dst).i64(32).op('i64_shr_u').op('i32_wrap_i64')
  swap32(body, f)
  body.op('i64_extend_i32_u').op('i64_or').set(dst)
}

/** Reverses the bytes of the i32 on the stack. */
const swap32 = (body: FrameContext['body'], f: FrameContext): void => {
  const word = f.word
  body.tee(word).i32(8).op('i32_rotl').i32(0x00ff00ff).op('i32_and')
  body.get(word).i32(24).op('i32_rotl').i32(0xff00ff00 | 0).op('i32_and').op('i32_or')
}
