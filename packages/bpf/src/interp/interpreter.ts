/** The reference that compiled code must agree with: one instruction at a time, on pairs of int32. */
import { BPF_ABS, BPF_CALL, BPF_DW, BPF_IND, BPF_JMP, BPF_MODE, BPF_SIZE, BPF_X } from '@lsmkit/abi'
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
  returnTo: number
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
 * Runs a subprogram whose frame begins at `low`, with r1 to r5 in `args` (words in pairs). Each instruction takes one
 * of `machine.fuel`. Throws BpfFault.
 */
export const interpret = (
  machine: Machine,
  program: Executable,
  start: number,
  lowest: number,
  args: readonly number[],
): Ended => {
  const { code } = program
  const { op: ops, dst: dsts, src: srcs, off: offs, imm: imms, length } = code
  const starts = startsOf(program)
  const { memory } = machine
  // what is left is told to the machine wherever others count too
  let { fuel } = machine
  /** Those that wait, the first lowest; frames of earlier calls are used again. */
  const frames: Frame[] = []
  const spare: Frame[] = []
  let frame = newFrame(lowest)
  let r = frame.registers
  for (const [at, word] of args.entries()) r[2 + at] = word
  let slot = start
  for (;;) {
    if (slot < 0 || slot >= length) throw new BpfFault('outside', slot)
    if (--fuel < 0) throw new BpfFault('budget', slot)
    const op = ops[slot]!
    const dst = dsts[slot]! << 1
    const src = srcs[slot]! << 1
    if (dst > 20 || src > 20) throw new BpfFault('opcode', slot)
    let isKnown = true
    switch (op & 7) {
      case 7: { // BPF_ALU64
        const imm = imms[slot]!
        const isRegister = (op & 8) !== 0
        isKnown = alu64(op, r, dst, isRegister ? r[src]! : imm, isRegister ? r[src + 1]! : imm >> 31, offs[slot]!, imm)
        break
      }
      case 4: { // BPF_ALU
        const imm = imms[slot]!
        isKnown = alu32(op, r, dst, (op & 8) !== 0 ? r[src]! : imm, offs[slot]!, imm)
        break
      }
      case 1: // BPF_LDX
        isKnown = load(code, slot, r, memory, program.probes?.[slot] === 1)
        break
      case 2: // BPF_ST
      case 3: // BPF_STX
        isKnown = store(code, slot, r, memory)
        break
      case 0: { // BPF_LD
        if (op === 0x18) {
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
        if (frames.length === 0) {
          machine.fuel = fuel
          return { low: 0, high: 0, tail: -1 }
        }
        ;({ frame, r, slot } = leave(frames, frame))
        continue
      }
      default: {
        const operation = op & 0xf0
        if (op === 0x95) {
          if (frames.length === 0) {
            machine.fuel = fuel
            return { low: r[0]!, high: r[1]!, tail: -1 }
          }
          const low = r[0]!
          const high = r[1]!
          slot = frame.returnTo
          frame = frames.pop()!
          r = frame.registers
          r[0] = low
          r[1] = high
          continue
        }
        if (operation === 0x80) {
          if (op === 0x85 && src === 2) {
            const target = slot + 1 + imms[slot]!
            if (!starts.has(target)) throw new BpfFault('outside', slot)
            if (frames.length + 1 >= MAX_FRAMES) throw new BpfFault('stack', slot)
            const callee = (spare[frames.length] ??= newFrame(frame.low - FRAME_SIZE))
            frames.push(frame)
            callee.registers.fill(0)
            for (let word = 2; word < 12; word++) callee.registers[word] = r[word]!
            callee.registers[20] = callee.low + FRAME_SIZE
            callee.returnTo = slot + 1
            callee.mayGoto = MAY_GOTO_ROUNDS
            frame = callee
            r = frame.registers
            slot = target
            continue
          }
          machine.fuel = fuel
          const tail = call(machine, program, slot, op, r)
          fuel = machine.fuel
          if (tail >= 0) {
            if (frames.length > 0) {
              // the program that goes on returns to the caller of this subprogram
              const { low, high } = machine.goOn(tail, r[2]!, frame.low)
              fuel = machine.fuel
              r[0] = low
              r[1] = high
              ;({ frame, r, slot } = leave(frames, frame))
              continue
            }
            return { low: r[2]!, high: 0, tail }
          }
          break
        }
        if (op === 0x05 || op === 0x06) {
          slot += 1 + (op === 0x05 ? offs[slot]! : imms[slot]!)
          continue
        }
        if (op === 0xe5 && src === 0) {
          if (frame.mayGoto === 0) slot += offs[slot]!
          else frame.mayGoto--
          break
        }
        const imm = imms[slot]!
        const isRegister = (op & 8) !== 0
        const taken = isTaken(op, r, dst, isRegister ? r[src]! : imm, isRegister ? r[src + 1]! : imm >> 31)
        if (taken === null) throw new BpfFault('opcode', slot)
        if (taken) slot += offs[slot]!
      }
    }
    if (!isKnown) throw new BpfFault('opcode', slot)
    slot += op === 0x18 ? 2 : 1
  }
}

const known = new WeakMap<Executable, ReadonlySet<number>>()
const startsOf = (program: Executable): ReadonlySet<number> => {
  let starts = known.get(program)
  if (starts === undefined) known.set(program, (starts = new Set(program.starts)))
  return starts
}

const newFrame = (low: number): Frame => {
  const registers = new Int32Array(22)
  registers[20] = low + FRAME_SIZE
  return { registers, low, returnTo: -1, mayGoto: MAY_GOTO_ROUNDS }
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
const isTaken = (op: number, r: Int32Array, dst: number, bl: number, high: number): boolean | null => {
  const isLong = (op & 7) === 5
  const al = r[dst]!
  // 32 bits are compared as 64 with equal high words: signed by their own sign, unsigned by 0
  const ah = isLong ? r[dst + 1]! : 0
  const bh = isLong ? high : 0
  const sah = isLong ? ah : al >> 31
  const sbh = isLong ? bh : bl >> 31
  switch (op >> 4) {
    case 0x1: return al === bl && ah === bh // BPF_JEQ
    case 0x5: return al !== bl || ah !== bh // BPF_JNE
    case 0x2: return below(bl, bh, al, ah) // BPF_JGT
    case 0x3: return !below(al, ah, bl, bh) // BPF_JGE
    case 0xa: return below(al, ah, bl, bh) // BPF_JLT
    case 0xb: return !below(bl, bh, al, ah) // BPF_JLE
    case 0x4: return (al & bl) !== 0 || (ah & bh) !== 0 // BPF_JSET
    case 0x6: return less(bl, sbh, al, sah) // BPF_JSGT
    case 0x7: return !less(al, sah, bl, sbh) // BPF_JSGE
    case 0xc: return less(al, sah, bl, sbh) // BPF_JSLT
    case 0xd: return !less(bl, sbh, al, sah) // BPF_JSLE
    default: return null
  }
}
