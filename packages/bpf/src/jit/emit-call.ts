/** Calls: of subprograms, of helpers and kfuncs, of another program (tail call). No i64 crosses to JavaScript. */
import { BPF_CALL, BPF_JMP, BPF_PSEUDO_CALL, BPF_X } from '@lsmkit/abi'
import { FAULT } from '../vm/fault.ts'
import { emitHelper, pushHigh } from './emit-helper.ts'
import { inlineAt } from './inline.ts'
import { FRAME_SIZE } from './frame.ts'
import type { FrameContext } from './frame.ts'

/** Number of the helper that never returns when it succeeds. */
export const TAIL_CALL = 12

/** The other functions of a module, as its compiler sees them. */
export interface Callees {
  /** Index of the function of the subprogram that begins at a slot. */
  functionAt(slot: number): number | undefined
  /** Type of a program's entry, for calls through the table. */
  readonly entryType: number
  /** Frames of callees must be checked at run time: some subprogram calls itself. */
  readonly isRecursive: boolean
  /** Whether the subprogram at a slot counts instructions. */
  usesFuel(slot: number): boolean
}

export const emitCall = (f: FrameContext, callees: Callees, slot: number, holdsFuel: boolean): void => {
  const { code } = f
  const op = code.op[slot]!
  if (op === (BPF_JMP | BPF_CALL | BPF_X)) return emitCallx(f, slot)
  if (op !== (BPF_JMP | BPF_CALL)) return f.fault(slot, FAULT.opcode)
  if (code.src[slot] === BPF_PSEUDO_CALL) return emitLocalCall(f, callees, slot, holdsFuel)
  if (code.src[slot] === 0 && code.imm[slot] === TAIL_CALL) return emitTailCall(f, callees, slot, holdsFuel)
  const helper = f.program.calls.get(slot)
  if (helper === undefined) return f.fault(slot, FAULT.helper)
  const inline = inlineAt(helper, f.known)
  if (inline !== null) return inline.emit(f, helper)
  if (helper.callsBack) giveFuel(f)
  emitHelper(f, helper)
  if (helper.callsBack) takeFuel(f)
}

/** The instructions left go to the machine's cell for a callee that counts too, and come back. */
export const giveFuel = ({ body, places, fuel }: FrameContext): void => {
  body.i32(places.fuel).get(fuel).memory('i32_store', 0)
}

export const takeFuel = ({ body, places, fuel }: FrameContext): void => {
  body.i32(places.fuel).memory('i32_load', 0).set(fuel)
}

const emitLocalCall = (f: FrameContext, callees: Callees, slot: number, holdsFuel: boolean): void => {
  const { body, places } = f
  const target = slot + 1 + f.code.imm[slot]!
  const callee = callees.functionAt(target)
  if (callee === undefined) return f.fault(slot, FAULT.outside)
  const passesFuel = holdsFuel && callees.usesFuel(target)
  if (passesFuel) giveFuel(f)
  if (callees.isRecursive) {
    body.get(f.low).i32(places.stackLimit + FRAME_SIZE).op('i32_lt_u')
    f.faultIf(slot, FAULT.stack)
  }
  for (let register = 1; register <= 5; register++) body.get(f.registers[register]!)
  body.get(f.low).i32(FRAME_SIZE).op('i32_sub').call(callee).set(f.registers[0]!)
  if (passesFuel) takeFuel(f)
}

/** r1 context, r2 prog array, r3 index: the program there goes on in this one's place, or r0 is an error. */
const emitTailCall = (f: FrameContext, callees: Callees, slot: number, holdsFuel: boolean): void => {
  const { body, registers } = f
  body.get(registers[2]!).op('i32_wrap_i64').get(registers[3]!).op('i32_wrap_i64').i32(slot).call(f.imports.tail)
  body.tee(f.word).i32(0).op('i32_ge_s').if()
  if (holdsFuel) giveFuel(f)
  body.get(registers[1]!).op('i32_wrap_i64').get(f.low).get(f.word).callIndirect(callees.entryType).op('return')
  body.end()
  body.get(f.word).op('i64_extend_i32_s').set(registers[0]!)
}

/** A helper by its number in a register: all five arguments go whole. */
const emitCallx = (f: FrameContext, slot: number): void => {
  const { body, registers } = f
  const by = registers[f.code.dst[slot]!]
  if (by === undefined) return f.fault(slot, FAULT.opcode)
  body.i32(slot).get(by).op('i32_wrap_i64')
  for (let register = 1; register <= 5; register++) {
    body.get(registers[register]!).op('i32_wrap_i64')
    body.get(registers[register]!).i64(32).op('i64_shr_u').op('i32_wrap_i64')
  }
  body.call(f.imports.callx).op('i64_extend_i32_u').set(registers[0]!)
  pushHigh(f)
}
