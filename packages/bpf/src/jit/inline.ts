/** Helpers that are a few instructions: emitted where they are called. */
import type { Helper } from '../vm/executable.ts'
import type { FrameContext } from './frame.ts'

/** Whether the call was emitted. */
export const emitInline = (f: FrameContext, _slot: number, helper: Helper): boolean => {
  const inline = INLINES.get(helper.name)
  return inline !== undefined && inline(f)
}

const INLINES: ReadonlyMap<string, (f: FrameContext) => boolean> = new Map([
  ['bpf_map_lookup_elem', (f) => inlineArrayLookup(f)],
  ['bpf_get_smp_processor_id', (f) => inlineConstant(f, 0)],
  ['bpf_get_numa_node_id', (f) => inlineConstant(f, 0)],
])

const inlineConstant = ({ body, registers }: FrameContext, value: number): boolean => {
  body.i64(value).set(registers[0]!)
  return true
}

/** In a known array, with the key in this frame: the index is loaded, compared and scaled. */
const inlineArrayLookup = (f: FrameContext): boolean => {
  const map = f.knownOf(1)
  const key = f.knownOf(2)
  if (map?.base !== 'wide' || map.wide.map?.kind !== 'array' || map.off !== 0) return false
  if (key?.base !== 'frame' || key.off < -512 || key.off > -4) return false
  const { values, stride, entries } = map.wide.map
  const { body, word } = f
  body.get(f.low).memory('i32_load', 512 + key.off).tee(word)
  body.i32(stride).op('i32_mul').i32(values).op('i32_add').i32(0)
  body.get(word).i32(entries).op('i32_lt_u').op('select')
  body.op('i64_extend_i32_u').set(f.registers[0]!)
  return true
}
