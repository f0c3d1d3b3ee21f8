/** The reference that compiled code must agree with: one instruction at a time, on pairs of int32. */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_CALL, BPF_CLASS, BPF_DW, BPF_EXIT, BPF_IMM, BPF_IND, BPF_JA, BPF_JCOND, BPF_JEQ,
  BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JMP, BPF_JMP32, BPF_JNE, BPF_JSET, BPF_JSGE, BPF_JSGT, BPF_JSLE, BPF_JSLT,
  BPF_LD, BPF_LDX, BPF_MAY_GOTO, BPF_MODE, BPF_OP, BPF_PSEUDO_CALL, BPF_SIZE, BPF_SRC, BPF_ST, BPF_STX, BPF_X,
} from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import { FRAME_SIZE } from '../jit/frame.ts'
import { TAIL_CALL } from '../jit/emit-call.ts'
import type { Executable, Helper } from '../vm/executable.ts'
import { BpfFault } from '../vm/fault.ts'
import type { Machine } from '../vm/machine.ts'
import { alu32, alu64 } from './alu.ts'
import { load, store } from './memory.ts'
import { below, less } from './words.ts'

/** A subprogram that is running. */
interface Frame {
  readonly registers: Int32Array
  readonly low: number
  readonly returnTo: number
  mayGoto: number
}

const MAY_GOTO_ROUNDS = 8 * 1024 * 1024
const MAX_FRAMES = 8

/** What a run ends with: r0, or the program that goes on. */
export interface Ended {
  readonly low: number
  readonly high: number
  readonly tail: number
}

/**
 * Runs a subprogram whose frame begins at `low`, with r1 to r5 in `args` (words in pairs). Each instruction takes one of
 * `machine.fuel`. Throws BpfFault.
 */
export const interpret = (
  machine: Machine,
  program: Executable,
  start: number,
  lowest: number,
  args: readonly number[],
): Ended => {
  const { code } = program
  const { memory } = machine
  const frames: Frame[] = []
  let frame = newFrame(lowest, -1)
  let r = frame.registers
  for (const [at, word] of args.entries()) r[2 + at] = word
  let slot = start
  for (;;) {
    if (slot < 0 || slot >= code.length) throw new BpfFault('outside', slot)
    if (--machine.fuel < 0) throw new BpfFault('budget', slot)
    const op = code.op[slot]!
    if (code.dst[slot]! > 10 || code.src[slot]! > 10) throw new BpfFault('opcode', slot)
    let isKnown = true
    switch (BPF_CLASS(op)) {
      case BPF_ALU64:
        isKnown = alu64(code, slot, r)
        break
      case BPF_ALU:
        isKnown = alu32(code, slot, r)
        break
      case BPF_LDX:
        isKnown = load(code, slot, r, memory, program.probes?.[slot] === 1)
        break
      case BPF_ST:
      case BPF_STX:
        isKnown = store(code, slot, r, memory)
        break
      case BPF_LD: {
        if (op === (BPF_LD | BPF_IMM | BPF_DW)) {
          const wide = program.wides.get(slot)
          if (wide === undefined) throw new BpfFault('opcode', slot)
          r[code.dst[slot]! << 1] = wide.low
          r[(code.dst[slot]! << 1) + 1] = wide.high
          break
        }
        if (!isPacketLoad(op)) throw new BpfFault('opcode', slot)
        const value = packetLoad(machine, program, slot, r)
        r[0] = value ?? 0
        r[1] = 0
        if (value !== null) break
        if (frames.length === 0) return { low: 0, high: 0, tail: -1 }
        ;({ frame, r, slot } = leave(frames, frame))
        continue
      }
      default: {
        const operation = BPF_OP(op)
        if (op === (BPF_JMP | BPF_EXIT)) {
          if (frames.length === 0) return { low: r[0]!, high: r[1]!, tail: -1 }
          ;({ frame, r, slot } = leave(frames, frame))
          continue
        }
        if (operation === BPF_CALL) {
          if (op === (BPF_JMP | BPF_CALL) && code.src[slot] === BPF_PSEUDO_CALL) {
            const target = slot + 1 + code.imm[slot]!
            if (!program.starts.includes(target)) throw new BpfFault('outside', slot)
            if (frames.length + 1 >= MAX_FRAMES) throw new BpfFault('stack', slot)
            frames.push(frame)
            const callee = newFrame(frame.low - FRAME_SIZE, slot + 1)
            callee.registers.set(r.subarray(2, 12), 2)
            frame = callee
            r = frame.registers
            slot = target
            continue
          }
          const tail = call(machine, program, slot, op, r)
          if (tail >= 0) {
            if (frames.length > 0) {
              // the program that goes on returns to the caller of this subprogram
              const { low, high } = machine.goOn(tail, r[2]!, frame.low)
              r[0] = low
              r[1] = high
              ;({ frame, r, slot } = leave(frames, frame))
              continue
            }
            return { low: r[2]!, high: 0, tail }
          }
          break
        }
        if (operation === BPF_JA && (op === (BPF_JMP | BPF_JA) || op === (BPF_JMP32 | BPF_JA))) {
          slot += 1 + (BPF_CLASS(op) === BPF_JMP ? code.off[slot]! : code.imm[slot]!)
          continue
        }
        if (op === (BPF_JMP | BPF_JCOND) && code.src[slot] === BPF_MAY_GOTO) {
          if (frame.mayGoto === 0) slot += code.off[slot]!
          else frame.mayGoto--
          break
        }
        const taken = isTaken(program, slot, op, r)
        if (taken === null) throw new BpfFault('opcode', slot)
        if (taken) slot += code.off[slot]!
      }
    }
    if (!isKnown) throw new BpfFault('opcode', slot)
    slot += isWide(op) ? 2 : 1
  }
}

const newFrame = (low: number, returnTo: number): Frame => {
  const registers = new Int32Array(22)
  registers[20] = low + FRAME_SIZE
  return { registers, low, returnTo, mayGoto: MAY_GOTO_ROUNDS }
}

/** Back to the caller, with r0; its r1 to r5 are as they were. */
const leave = (frames: Frame[], from: Frame): { frame: Frame; r: Int32Array; slot: number } => {
  const frame = frames.pop()!
  const r = frame.registers
  r[0] = from.registers[0]!
  r[1] = from.registers[1]!
  return { frame, r, slot: from.returnTo }
}

const isPacketLoad = (op: number): boolean =>
  (BPF_MODE(op) === BPF_ABS || BPF_MODE(op) === BPF_IND) && BPF_SIZE(op) !== BPF_DW

const packetLoad = (machine: Machine, { code }: Executable, slot: number, r: Int32Array): number | null => {
  const op = code.op[slot]!
  const base = BPF_MODE(op) === BPF_IND ? r[code.src[slot]! << 1]! : 0
  const size = BPF_SIZE(op) === 0x10 ? 1 : BPF_SIZE(op) === 0x08 ? 2 : 4
  return machine.packetLoad(r[12]! >>> 0, (code.imm[slot]! + base) | 0, size)
}

/** Place of the program that goes on, or -1: the call returned. */
const call = (machine: Machine, program: Executable, slot: number, op: number, r: Int32Array): number => {
  const { code } = program
  if (op === (BPF_JMP | BPF_CALL | BPF_X)) {
    const helper = program.helper(r[code.dst[slot]! << 1]!)
    r[0] = machine.callByNumber(helper, slot, [...r.subarray(2, 12)])
    r[1] = machine.high
    return -1
  }
  if (op !== (BPF_JMP | BPF_CALL)) throw new BpfFault('opcode', slot)
  if (code.src[slot] === 0 && code.imm[slot] === TAIL_CALL) {
    const target = machine.tail(r[4]!, r[6]!)
    if (target >= 0) return target
    r[0] = target
    r[1] = -1
    return -1
  }
  const helper = program.calls.get(slot)
  if (helper === undefined) throw new BpfFault('helper', slot)
  callHelper(machine, helper, r)
  return -1
}

const callHelper = (machine: Machine, helper: Helper, r: Int32Array): void => {
  const words: number[] = []
  for (let at = 0; at < helper.args.length; at++) {
    words.push(r[2 + at * 2]!)
    if (helper.args[at] === 'l') words.push(r[3 + at * 2]!)
  }
  const low = helper.call(...words)
  r[0] = helper.result === 'v' ? 0 : low
  r[1] = helper.result === 's' ? low >> 31 : helper.result === 'l' ? machine.high : 0
}

/** null: no such jump. */
const isTaken = ({ code }: Executable, slot: number, op: number, r: Int32Array): boolean | null => {
  const isLong = BPF_CLASS(op) === BPF_JMP
  const dst = code.dst[slot]! << 1
  const isRegister = BPF_SRC(op) === BPF_X
  const al = r[dst]!
  const bl = isRegister ? r[code.src[slot]! << 1]! : code.imm[slot]!
  // 32 bits are compared as 64 with equal high words: signed by their own sign, unsigned by 0
  const ah = isLong ? r[dst + 1]! : 0
  const bh = isLong ? (isRegister ? r[(code.src[slot]! << 1) + 1]! : bl >> 31) : 0
  const sah = isLong ? ah : al >> 31
  const sbh = isLong ? bh : bl >> 31
  switch (BPF_OP(op)) {
    case BPF_JEQ: return al === bl && ah === bh
    case BPF_JNE: return al !== bl || ah !== bh
    case BPF_JGT: return below(bl, bh, al, ah)
    case BPF_JGE: return !below(al, ah, bl, bh)
    case BPF_JLT: return below(al, ah, bl, bh)
    case BPF_JLE: return !below(bl, bh, al, ah)
    case BPF_JSET: return (al & bl) !== 0 || (ah & bh) !== 0
    case BPF_JSGT: return less(bl, sbh, al, sah)
    case BPF_JSGE: return !less(al, sah, bl, sbh)
    case BPF_JSLT: return less(al, sah, bl, sbh)
    case BPF_JSLE: return !less(bl, sbh, al, sah)
    default: return null
  }
}
