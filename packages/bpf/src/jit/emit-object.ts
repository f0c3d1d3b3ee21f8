/** Loads of members of kernel objects: an accessor of its own for each, or the bytes that lie there. */
import type { Accessor } from '../vm/object-space.ts'
import { I64 } from '../wasm/opcode.ts'
import type { FrameContext } from './frame.ts'

/** As it was planned for this load; false when it is done by address. */
export const emitPlannedLoad = (f: FrameContext, slot: number, size: number, isSigned: boolean): boolean => {
  const { body, objectFlow, code, imports } = f
  const load = objectFlow?.loads.get(slot)
  if (load === undefined) return false
  const dst = code.dst[slot]!
  if (load.by === 'nothing') body.i64(1)
  else if (load.by === 'ahead') {
    const { as, way } = objectFlow!.ahead[load.param]!
    body.get(f.ahead[load.param]!)
    emitGot(f, as, way.members.at(-1), dst, size, isSigned)
  } else {
    body.get(f.objectOf(code.src[slot]!)).call(imports.onObjects[load.as].get(load.accessor)!)
    emitGot(f, load.as, load.accessor, dst, size, isSigned)
  }
  return true
}

/** From what is on the stack to the 64 bits of a register; an object goes into the local beside it. */
const emitGot = (
  f: FrameContext, as: 'value' | 'handle' | 'object', accessor: Accessor | undefined, dst: number, size: number,
  isSigned: boolean,
): void => {
  const { body } = f
  if (as === 'object') {
    body.tee(f.objectOf(dst)).op('ref_is_null').op('i32_eqz').op('i64_extend_i32_u')
  } else if (as === 'handle') body.op('i64_extend_i32_u')
  else if (accessor?.form === 'double') {
    body.set(f.double)
    emitCut(f, accessor.isSigned)
  } else emitWidened(f, size, isSigned)
}

/** A register's object goes along with it. */
export const emitMovedObject = (f: FrameContext, slot: number): void => {
  if (f.objectFlow?.moves.has(slot) !== true) return
  f.body.get(f.objectOf(f.code.src[slot]!)).set(f.objectOf(f.code.dst[slot]!))
}

/** Leaves on the stack what is at the address in `f.address`, which is outside of memory; 0 when nothing is. */
export const emitObjectLoad = (f: FrameContext, slot: number, size: number, isSigned: boolean): void => {
  const { body, places: { objects: { start, end } } } = f
  const accessor = f.program.accessors.get(slot)
  if (accessor === undefined || accessor.form === 'bytes') return emitBytes(f, size, isSigned)
  body.get(f.address).i64(start, 0).op('i64_sub').i64(end - start, 0).op('i64_lt_u').if(I64)
  emitAccess(f, accessor, size, isSigned)
  body.else()
  emitBytes(f, size, isSigned)
  body.end()
}

const emitAccess = (f: FrameContext, accessor: Accessor, size: number, isSigned: boolean): void => {
  const { body } = f
  body.get(f.address).op('i32_wrap_i64').call(f.imports.accessors.get(accessor)!)
  switch (accessor.form) {
    case 'double':
      body.tee(f.double).get(f.double).op('f64_ne').if(I64)
      emitBytes(f, size, isSigned)
      body.else()
      emitCut(f, accessor.isSigned)
      return void body.end()
    case 'pointer':
      body.tee(f.word).i32(-1).op('i32_eq').if(I64)
      emitBytes(f, size, isSigned)
      return void body.else().get(f.word).op('i64_extend_i32_u').end()
    default: return emitWidened(f, size, isSigned)
  }
}

/** The double in its local as 64 bits; a negative one of an unsigned type stands for a number from the top. */
const emitCut = (f: FrameContext, isSigned: boolean): void => {
  const { body } = f
  if (isSigned) return void body.get(f.double).cut(true)
  body.get(f.double).op('i64_reinterpret_f64').i64(0).op('i64_lt_s').if(I64)
  body.get(f.double).cut(true).else().get(f.double).cut(false).end()
}

const emitBytes = (f: FrameContext, size: number, isSigned: boolean): void => {
  const { body, places } = f
  body.get(f.address).op('i32_wrap_i64').get(f.address).i64(32).op('i64_shr_u').op('i32_wrap_i64').i32(size)
  body.call(f.imports.object)
  if (size < 8) return emitWidened(f, size, isSigned)
  body.op('i64_extend_i32_u').i32(places.high).memory('i64_load32_u', 0).i64(32).op('i64_shl').op('i64_or')
}

/** The i32 on the stack has `size` bytes of worth. */
const emitWidened = ({ body }: FrameContext, size: number, isSigned: boolean): void => {
  if (isSigned) {
    if (size < 4) body.op(size === 1 ? 'i32_extend8_s' : 'i32_extend16_s')
    return void body.op('i64_extend_i32_s')
  }
  if (size < 4) body.i32(size === 1 ? 0xff : 0xffff).op('i32_and')
  body.op('i64_extend_i32_u')
}
