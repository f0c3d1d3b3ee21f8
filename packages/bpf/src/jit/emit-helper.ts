/** The call of a helper: its arguments out of r1 to r5, its result into r0. No i64 crosses to JavaScript. */
import type { Helper } from '../vm/executable.ts'
import type { FrameContext } from './frame.ts'

export const emitHelper = (f: FrameContext, helper: Helper): void => {
  for (const [at, letter] of [...helper.args].entries()) {
    f.body.get(f.registers[at + 1]!).op('i32_wrap_i64')
    if (letter === 'l') f.body.get(f.registers[at + 1]!).i64(32).op('i64_shr_u').op('i32_wrap_i64')
  }
  f.body.call(f.imports.helpers.get(helper)!)
  takeResult(f, helper.result)
}

const takeResult = (f: FrameContext, result: 's' | 'u' | 'l' | 'v'): void => {
  const { body } = f
  const r0 = f.registers[0]!
  if (result === 's') body.op('i64_extend_i32_s').set(r0)
  else body.op('i64_extend_i32_u').set(r0)
  if (result === 'v') body.i64(0).set(r0)
  if (result === 'l') pushHigh(f)
}

/** The high word is in the machine's cell: puts it above the low one in r0. */
export const pushHigh = ({ body, places, registers }: FrameContext): void => {
  body.get(registers[0]!).i32(places.high).memory('i64_load32_u', 0)
  body.i64(32).op('i64_shl').op('i64_or').set(registers[0]!)
}
