/**
 * The reference that compiled code must agree with: one instruction at a time, on pairs of int32. Operations are
 * switched on by literal: an imported constant is loaded from its module each time it is compared.
 */
import { BPF_IND, BPF_MODE, BPF_SIZE, BPF_SRC, BPF_X } from '@lsmkit/abi'
import { FRAME_SIZE } from '../jit/frame.ts'
import type { Executable, Helper } from '../vm/executable.ts'
import { BpfFault } from '../vm/fault.ts'
import type { Machine } from '../vm/machine.ts'
import { FIRST_ADDRESS } from '../vm/memory.ts'
import { decoded, REGISTER_WORDS } from './decode.ts'
import type { Decoded, Frame } from './decode.ts'
import { addressOf, atomic, byteOrder } from './rare.ts'
import { below, divide, divideSigned, less, mul, neg } from './words.ts'

const MAY_GOTO_ROUNDS = 8 * 1024 * 1024
const MAX_FRAMES = 8

/** The end of a run: r0, or the program that goes on. */
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
  machine: Machine, program: Executable, start: number, lowest: number, args: readonly number[],
): Ended => {
  const { code, probes, hits } = program
  const form = decoded(program)
  const { rows } = form
  const { memory } = machine
  const { dataStart } = memory
  // views are made anew when a helper makes the memory grow
  let { view } = memory
  /** Addresses up to here can be reckoned with as int32; one above goes the long way. */
  let end = Math.min(view.byteLength, 0x7fff_ffff)
  /** What is left is told to the machine wherever others count too. */
  let { fuel } = machine
  /** Those that wait, the first lowest. */
  const frames: Frame[] = []
  let frame = takeFrame(form, lowest)
  let r = frame.registers
  for (let at = 0; at < args.length; at++) r[2 + at] = args[at]!
  let row = start << 2
  for (;;) {
    if (--fuel < 0) throw new BpfFault('budget', row >> 2)
    // a row behind the last slot is none, and writing there does nothing
    if (hits !== null) hits[row >> 2]!++
    const dst = rows[row + 1]!
    const src = rows[row + 2]!
    const off = rows[row + 3]!
    const bl = r[src]!
    const bh = r[src + 1]!
    const al = r[dst]!
    switch (rows[row]!) {
      case 0x00: { // BPF_ADD
        const low = (al + bl) | 0
        r[dst] = low
        r[dst + 1] = r[dst + 1]! + bh + (low >>> 0 < al >>> 0 ? 1 : 0)
        break
      }
      case 0x01: // BPF_SUB
        r[dst] = al - bl
        r[dst + 1] = r[dst + 1]! - bh - (al >>> 0 < bl >>> 0 ? 1 : 0)
        break
      case 0x02: mul(r, dst, bl, bh); break // BPF_MUL
      case 0x03: // BPF_DIV
        if (bl !== 0 || bh !== 0) divide(r, dst, bl, bh, false)
        else r[dst] = r[dst + 1] = 0
        break
      case 0x04: // BPF_OR
        r[dst] = al | bl
        r[dst + 1] = r[dst + 1]! | bh
        break
      case 0x05: // BPF_AND
        r[dst] = al & bl
        r[dst + 1] = r[dst + 1]! & bh
        break
      case 0x06: { // BPF_LSH
        const by = bl & 63
        if (by >= 32) {
          r[dst + 1] = al << (by - 32)
          r[dst] = 0
        } else if (by !== 0) {
          r[dst + 1] = (r[dst + 1]! << by) | (al >>> (32 - by))
          r[dst] = al << by
        }
        break
      }
      case 0x07: { // BPF_RSH
        const by = bl & 63
        const ah = r[dst + 1]!
        if (by >= 32) {
          r[dst] = ah >>> (by - 32)
          r[dst + 1] = 0
        } else if (by !== 0) {
          r[dst] = (al >>> by) | (ah << (32 - by))
          r[dst + 1] = ah >>> by
        }
        break
      }
      case 0x08: neg(r, dst); break // BPF_NEG
      case 0x09: if (bl !== 0 || bh !== 0) divide(r, dst, bl, bh, true); break // BPF_MOD
      case 0x0a: // BPF_XOR
        r[dst] = al ^ bl
        r[dst + 1] = r[dst + 1]! ^ bh
        break
      case 0x0b: // BPF_MOV
        r[dst] = bl
        r[dst + 1] = bh
        break
      case 0x0c: { // BPF_ARSH
        const by = bl & 63
        const ah = r[dst + 1]!
        if (by >= 32) {
          r[dst] = ah >> (by - 32)
          r[dst + 1] = ah >> 31
        } else if (by !== 0) {
          r[dst] = (al >>> by) | (ah << (32 - by))
          r[dst + 1] = ah >> by
        }
        break
      }
      case 0x51: // divideSigned
        if (bl !== 0 || bh !== 0) divideSigned(r, dst, bl, bh, false)
        else r[dst] = r[dst + 1] = 0
        break
      case 0x52: if (bl !== 0 || bh !== 0) divideSigned(r, dst, bl, bh, true); break // remainderSigned
      case 0x53: // moveByte
        r[dst] = (bl << 24) >> 24
        r[dst + 1] = (bl << 24) >> 31
        break
      case 0x54: // moveHalf
        r[dst] = (bl << 16) >> 16
        r[dst + 1] = (bl << 16) >> 31
        break
      case 0x55: // moveWord
        r[dst] = bl
        r[dst + 1] = bl >> 31
        break

      // 32 bits: the upper half of the result is 0
      case 0x10: r[dst] = al + bl; r[dst + 1] = 0; break // BPF_ADD
      case 0x11: r[dst] = al - bl; r[dst + 1] = 0; break // BPF_SUB
      case 0x12: r[dst] = Math.imul(al, bl); r[dst + 1] = 0; break // BPF_MUL
      case 0x13: r[dst] = bl === 0 ? 0 : (al >>> 0) / (bl >>> 0); r[dst + 1] = 0; break // BPF_DIV
      case 0x14: r[dst] = al | bl; r[dst + 1] = 0; break // BPF_OR
      case 0x15: r[dst] = al & bl; r[dst + 1] = 0; break // BPF_AND
      case 0x16: r[dst] = al << bl; r[dst + 1] = 0; break // BPF_LSH
      case 0x17: r[dst] = al >>> bl; r[dst + 1] = 0; break // BPF_RSH
      case 0x18: r[dst] = -al; r[dst + 1] = 0; break // BPF_NEG
      case 0x19: r[dst] = bl === 0 ? al : (al >>> 0) % (bl >>> 0); r[dst + 1] = 0; break // BPF_MOD
      case 0x1a: r[dst] = al ^ bl; r[dst + 1] = 0; break // BPF_XOR
      case 0x1b: r[dst] = bl; r[dst + 1] = 0; break // BPF_MOV
      case 0x1c: r[dst] = al >> bl; r[dst + 1] = 0; break // BPF_ARSH
      case 0x56: r[dst] = bl === 0 ? 0 : al / bl; r[dst + 1] = 0; break // divideSigned32
      case 0x57: r[dst] = bl === 0 ? al : al % bl; r[dst + 1] = 0; break // remainderSigned32
      case 0x58: r[dst] = (bl << 24) >> 24; r[dst + 1] = 0; break // moveByte32
      case 0x59: r[dst] = (bl << 16) >> 16; r[dst + 1] = 0; break // moveHalf32
      case 0x5a: // byteOrder
        if (!byteOrder(code, row >> 2, r, dst)) throw new BpfFault('opcode', row >> 2)
        break

      case 0x20: row = off; continue // BPF_JA
      case 0x21: if (al === bl && r[dst + 1] === bh) { row = off; continue } break // BPF_JEQ
      case 0x22: if (below(bl, bh, al, r[dst + 1]!)) { row = off; continue } break // BPF_JGT
      case 0x23: if (!below(al, r[dst + 1]!, bl, bh)) { row = off; continue } break // BPF_JGE
      case 0x24: if ((al & bl) !== 0 || (r[dst + 1]! & bh) !== 0) { row = off; continue } break // BPF_JSET
      case 0x25: if (al !== bl || r[dst + 1] !== bh) { row = off; continue } break // BPF_JNE
      case 0x26: if (less(bl, bh, al, r[dst + 1]!)) { row = off; continue } break // BPF_JSGT
      case 0x27: if (!less(al, r[dst + 1]!, bl, bh)) { row = off; continue } break // BPF_JSGE
      case 0x2a: if (below(al, r[dst + 1]!, bl, bh)) { row = off; continue } break // BPF_JLT
      case 0x2b: if (!below(bl, bh, al, r[dst + 1]!)) { row = off; continue } break // BPF_JLE
      case 0x2c: if (less(al, r[dst + 1]!, bl, bh)) { row = off; continue } break // BPF_JSLT
      case 0x2d: if (!less(bl, bh, al, r[dst + 1]!)) { row = off; continue } break // BPF_JSLE

      case 0x31: if (al === bl) { row = off; continue } break // BPF_JEQ
      case 0x32: if (al >>> 0 > bl >>> 0) { row = off; continue } break // BPF_JGT
      case 0x33: if (al >>> 0 >= bl >>> 0) { row = off; continue } break // BPF_JGE
      case 0x34: if ((al & bl) !== 0) { row = off; continue } break // BPF_JSET
      case 0x35: if (al !== bl) { row = off; continue } break // BPF_JNE
      case 0x36: if (al > bl) { row = off; continue } break // BPF_JSGT
      case 0x37: if (al >= bl) { row = off; continue } break // BPF_JSGE
      case 0x3a: if (al >>> 0 < bl >>> 0) { row = off; continue } break // BPF_JLT
      case 0x3b: if (al >>> 0 <= bl >>> 0) { row = off; continue } break // BPF_JLE
      case 0x3c: if (al < bl) { row = off; continue } break // BPF_JSLT
      case 0x3d: if (al <= bl) { row = off; continue } break // BPF_JSLE

      case 0x40: // a word
      case 0x41: // two bytes
      case 0x42: // a byte
      case 0x43: // two words
      case 0x44: // signed, a word
      case 0x45: // two bytes
      case 0x46: { // a byte
        let at = (bl + off) | 0
        const size = SIZES[rows[row]! & 3]!
        if (bh !== 0 || bl < FIRST || at < FIRST || at > end - size) {
          at = addressOf(r, src, off, size, FIRST, view.byteLength)
          if (at < 0) {
            if (probes?.[row >> 2] !== 1) throw new BpfFault('memory', row >> 2)
            objectLoad(machine, r, src, off, rows[row]!, dst)
            break
          }
        }
        switch (rows[row]!) {
          case 0x40: r[dst] = view.getInt32(at, true); r[dst + 1] = 0; break
          case 0x41: r[dst] = view.getUint16(at, true); r[dst + 1] = 0; break
          case 0x42: r[dst] = view.getUint8(at); r[dst + 1] = 0; break
          case 0x43: r[dst] = view.getInt32(at, true); r[dst + 1] = view.getInt32(at + 4, true); break
          case 0x44: r[dst] = view.getInt32(at, true); r[dst + 1] = r[dst]! >> 31; break
          case 0x45: r[dst] = view.getInt16(at, true); r[dst + 1] = r[dst]! >> 31; break
          default: r[dst] = view.getInt8(at); r[dst + 1] = r[dst]! >> 31
        }
        break
      }
      case 0x48: // a word
      case 0x49: // two bytes
      case 0x4a: // a byte
      case 0x4b: { // two words
        let at = (al + off) | 0
        const size = SIZES[rows[row]! & 3]!
        if (r[dst + 1] !== 0 || al < dataStart || at < dataStart || at > end - size) {
          at = addressOf(r, dst, off, size, dataStart, view.byteLength)
          if (at < 0) throw new BpfFault('memory', row >> 2)
        }
        switch (rows[row]!) {
          case 0x48: view.setInt32(at, bl, true); break
          case 0x49: view.setInt16(at, bl, true); break
          case 0x4a: view.setInt8(at, bl); break
          default:
            view.setInt32(at, bl, true)
            view.setInt32(at + 4, bh, true)
        }
        break
      }
      case 0x4c: // atomic
        if (!atomic(code, row >> 2, r, memory)) throw new BpfFault('opcode', row >> 2)
        break
      case 0x4d: // wide
        r[dst] = bl
        r[dst + 1] = bh
        row = off
        continue
      case 0x4e: { // packet
        const value = packetLoad(machine, program, row >> 2, r)
        r[0] = value ?? 0
        r[1] = 0
        if (value !== null) break
        if (frames.length === 0) {
          machine.fuel = fuel
          form.spare.push(frame)
          return { low: 0, high: 0, tail: -1 }
        }
        row = frame.returnTo
        frame = leave(form, frames, frame)
        r = frame.registers
        continue
      }

      case 0x28: // call
      case 0x39: // callx
        machine.fuel = fuel
        if (off < 0) callUnusual(machine, program, row >> 2, r)
        else callHelper(machine, form.helpers[off]!, r)
        fuel = machine.fuel
        view = memory.view
        end = Math.min(view.byteLength, 0x7fff_ffff)
        break
      case 0x3e: { // tailCall
        const tail = machine.tail(r[4]!, r[6]!)
        if (tail < 0) {
          r[0] = tail
          r[1] = -1
          break
        }
        machine.fuel = fuel
        if (frames.length === 0) {
          form.spare.push(frame)
          return { low: r[2]!, high: 0, tail }
        }
        // the program that goes on returns to the caller of this subprogram
        const { low, high } = machine.goOn(tail, r[2]!, frame.low)
        fuel = machine.fuel
        view = memory.view
        end = Math.min(view.byteLength, 0x7fff_ffff)
        r[0] = low
        r[1] = high
        row = frame.returnTo
        frame = leave(form, frames, frame)
        r = frame.registers
        continue
      }
      case 0x38: { // callLocal
        if (off < 0) throw new BpfFault('outside', row >> 2)
        if (frames.length + 1 >= MAX_FRAMES) throw new BpfFault('stack', row >> 2)
        const callee = takeFrame(form, frame.low - FRAME_SIZE)
        for (let word = 2; word < 12; word++) callee.registers[word] = r[word]!
        callee.returnTo = row + 4
        frames.push(frame)
        frame = callee
        r = frame.registers
        row = off
        continue
      }
      case 0x29: // exit
        if (frames.length === 0) {
          machine.fuel = fuel
          form.spare.push(frame)
          return { low: r[0]!, high: r[1]!, tail: -1 }
        }
        row = frame.returnTo
        frame = leave(form, frames, frame)
        r = frame.registers
        continue
      case 0x2e: // mayGoto
        if (frame.mayGoto === 0) {
          row = off
          continue
        }
        frame.mayGoto--
        break

      case 0x50: throw new BpfFault('outside', off) // outside
      default: throw new BpfFault('opcode', row >> 2) // unknown
    }
    row += 4
  }
}

/** As a load, from a kernel object or from where nothing is. */
const objectLoad = (
  machine: Machine, r: Int32Array, src: number, off: number, operation: number, dst: number,
): void => {
  const [low, high] = [(r[src]! >>> 0) + off, r[src + 1]!]
  const carry = low < 0 ? -1 : low > 0xffff_ffff ? 1 : 0
  const size = SIZES[operation & 3]!
  const word = machine.loadObject(low | 0, (high + carry) | 0, size)
  const shift = 32 - size * 8
  const isSigned = operation >= 0x44
  r[dst] = size >= 4 ? word : isSigned ? (word << shift) >> shift : (word << shift) >>> shift
  r[dst + 1] = size === 8 ? machine.high : isSigned ? r[dst]! >> 31 : 0
}

/** Bytes by the low bits of a load or store. */
const SIZES = [4, 2, 1, 8] as const

/** Lowest address that a program may read. */
const FIRST = FIRST_ADDRESS

/** One of those that ended, or a new one; registers are 0 but r10. One whose program is stopped does not come back. */
const takeFrame = ({ spare, constants }: Decoded, low: number): Frame => {
  let frame = spare.pop()
  if (frame === undefined) {
    const registers = new Int32Array(REGISTER_WORDS + constants.length)
    registers.set(constants, REGISTER_WORDS)
    frame = { registers, low, returnTo: -1, mayGoto: 0 }
  }
  const { registers } = frame
  for (let word = 0; word < REGISTER_WORDS; word++) registers[word] = 0
  registers[20] = low + FRAME_SIZE
  frame.low = low
  frame.mayGoto = MAY_GOTO_ROUNDS
  return frame
}

/** Back to the caller, with r0; its r1 to r5 are as they were. */
const leave = ({ spare }: Decoded, frames: Frame[], from: Frame): Frame => {
  const frame = frames.pop()!
  frame.registers[0] = from.registers[0]!
  frame.registers[1] = from.registers[1]!
  spare.push(from)
  return frame
}

const packetLoad = (machine: Machine, { code }: Executable, slot: number, r: Int32Array): number | null => {
  const op = code.op[slot]!
  const base = BPF_MODE(op) === BPF_IND ? r[code.src[slot]! << 1]! : 0
  const size = BPF_SIZE(op) === 0x10 ? 1 : BPF_SIZE(op) === 0x08 ? 2 : 4
  return machine.packetLoad(r[12]! >>> 0, (code.imm[slot]! + base) | 0, size)
}

/** A helper that takes low words only, as nearly all do. */
const callHelper = (machine: Machine, { call, args, result }: Helper, r: Int32Array): void => {
  let low: number
  switch (args.length) {
    case 0: low = call(); break
    case 1: low = call(r[2]!); break
    case 2: low = call(r[2]!, r[4]!); break
    case 3: low = call(r[2]!, r[4]!, r[6]!); break
    case 4: low = call(r[2]!, r[4]!, r[6]!, r[8]!); break
    default: low = call(r[2]!, r[4]!, r[6]!, r[8]!, r[10]!)
  }
  give(machine, result, low, r)
}

/** By the number in a register, with whole registers, or none that exists. */
const callUnusual = (
  machine: Machine, { code, calls, helper: byNumber }: Executable, slot: number, r: Int32Array,
): void => {
  if (BPF_SRC(code.op[slot]!) === BPF_X) {
    r[0] = machine.callByNumber(byNumber(r[code.dst[slot]! << 1]!), slot, [...r.subarray(2, 12)])
    r[1] = machine.high
    return
  }
  const helper = calls.get(slot)
  if (helper === undefined) throw new BpfFault('helper', slot)
  const words = [...helper.args].flatMap((letter, at) =>
    letter === 'l' ? [r[2 + at * 2]!, r[3 + at * 2]!] : [r[2 + at * 2]!])
  give(machine, helper.result, helper.call(...words), r)
}

const give = (machine: Machine, result: Helper['result'], low: number, r: Int32Array): void => {
  r[0] = result === 'v' ? 0 : low
  r[1] = result === 's' ? low >> 31 : result === 'l' ? machine.high : 0
}
