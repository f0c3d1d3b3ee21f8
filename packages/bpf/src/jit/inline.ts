/** Helpers that are a few instructions: emitted where they are called. */
import { EFAULT } from '@lsmkit/abi'
import type { Helper } from '../vm/executable.ts'
import { LOADS, STORES } from './emit-memory.ts'
import { FRAME_SIZE } from './frame.ts'
import type { FrameContext } from './frame.ts'

/** Whether the call was emitted. */
export const emitInline = (f: FrameContext, _slot: number, helper: Helper): boolean => {
  const inline = INLINES.get(helper.name)
  return inline !== undefined && inline(f)
}

/** Compiled in wherever it is called, and without a jump to JavaScript or to another function that could come back. */
export const isAlwaysInline = (helper: Helper | undefined): boolean =>
  helper?.name === 'bpf_get_smp_processor_id' || helper?.name === 'bpf_get_numa_node_id'

const INLINES: ReadonlyMap<string, (f: FrameContext) => boolean> = new Map([
  ['bpf_map_lookup_elem', (f) => inlineArrayLookup(f) || inlineHashLookup(f)],
  ['bpf_probe_read_kernel', (f) => inlineProbeRead(f)],
  ['bpf_probe_read', (f) => inlineProbeRead(f)],
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
  if (key?.base !== 'frame' || key.off < -FRAME_SIZE || key.off > -4) return false
  const { values, stride, entries } = map.wide.map
  const { body, word } = f
  body.get(f.low).memory('i32_load', FRAME_SIZE + key.off).tee(word)
  body.i32(stride).op('i32_mul').i32(values).op('i32_add').i32(0)
  body.get(word).i32(entries).op('i32_lt_u').op('select')
  body.op('i64_extend_i32_u').set(f.registers[0]!)
  return true
}

/** In a known hash, with the key in this frame. */
const inlineHashLookup = (f: FrameContext): boolean => {
  const map = f.knownOf(1)
  const key = f.knownOf(2)
  if (map?.base !== 'wide' || map.off !== 0 || map.wide.map?.kind !== 'hash') return false
  const lookup = f.imports.lookups.get(map.wide.map)
  if (lookup === undefined || key?.base !== 'frame') return false
  if (key.off < -FRAME_SIZE || key.off + map.wide.map.keySize > 0) return false
  f.body.get(f.low).i32(FRAME_SIZE + key.off).op('i32_add').call(lookup).op('i64_extend_i32_u').set(f.registers[0]!)
  return true
}

/** Bytes that are copied one load and one store at a time, not by a helper. */
const MOST_COPIED = 64

/** A known number of bytes into this frame: copied, or zeroes and -EFAULT. */
const inlineProbeRead = (f: FrameContext): boolean => {
  const to = f.knownOf(1)
  const size = f.knownOf(2)
  if (to?.base !== 'frame' || size?.base !== 'number' || size.off <= 0 || size.off > MOST_COPIED) return false
  if (to.off < -FRAME_SIZE || to.off + size.off > 0) return false
  const { body, places, registers, low, word } = f
  const target = FRAME_SIZE + to.off
  body.get(registers[3]!).i64(places.first).op('i64_sub')
  body.i64(places.end - places.first - size.off, 0).op('i64_gt_u').if()
  for (const [at, width] of pieces(size.off)) body.get(low).i64(0).memory(STORES[width]!, target + at)
  body.i64(-EFAULT).set(registers[0]!).else()
  body.get(registers[3]!).op('i32_wrap_i64').set(word)
  for (const [at, width] of pieces(size.off)) {
    body.get(low).get(word).memory(LOADS[width]!, at).memory(STORES[width]!, target + at)
  }
  body.i64(0).set(registers[0]!).end()
  return true
}

/** Offset and width of each piece. */
const pieces = (size: number): [at: number, width: number][] => {
  const found: [number, number][] = []
  for (let at = 0; at < size;) {
    const width = [8, 4, 2, 1].find((wide) => wide <= size - at)!
    found.push([at, width])
    at += width
  }
  return found
}
