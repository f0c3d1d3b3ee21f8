/** Helpers that are a few instructions: emitted where they are called. */
import type { Helper, InlineMap } from '../vm/executable.ts'
import { LOADS, STORES } from './emit-memory.ts'
import { emitHelper } from './emit-helper.ts'
import { FRAME_SIZE } from './frame.ts'
import type { FrameContext } from './frame.ts'
import { emitHashLookup } from './hash-lookup.ts'
import type { Registers } from './known.ts'

type HashPlace = Extract<InlineMap, { kind: 'hash' }>
type ArrayPlace = Extract<InlineMap, { kind: 'array' }>

/** A helper at a call where it can be compiled in. */
interface Inline {
  /** Whether it can, by what is known of the registers. */
  readonly fits: (known: Registers) => boolean
  readonly emit: (f: FrameContext, helper: Helper) => void
}

/** How a call is compiled in, so that neither JavaScript nor another program is met; null when it is called. */
export const inlineAt = (helper: Helper | undefined, known: Registers): Inline | null =>
  INLINES.get(helper?.name ?? '')?.find(({ fits }) => fits(known)) ?? null

/** The map that a look-up is in, with a key in this frame. */
const mapOf = (known: Registers): InlineMap | null => {
  const [, map = null, key = null] = known
  if (map?.base !== 'wide' || map.wide.map === undefined || map.off !== 0 || key?.base !== 'frame') return null
  const size = map.wide.map.kind === 'array' ? 4 : map.wide.map.keySize
  return key.off >= -FRAME_SIZE && key.off + size <= 0 ? map.wide.map : null
}

/** In a known array: the index is loaded, compared and scaled. */
const arrayLookup: Inline = {
  fits: (known) => mapOf(known)?.kind === 'array',
  emit({ body, known, low, word, registers }) {
    const { values, stride, entries } = mapOf(known) as ArrayPlace
    body.get(low).memory('i32_load', FRAME_SIZE + known[2]!.off).tee(word)
    body.i32(stride).op('i32_mul').i32(values).op('i32_add').i32(0)
    body.get(word).i32(entries).op('i32_lt_u').op('select')
    body.op('i64_extend_i32_u').set(registers[0]!)
  },
}

/** Bytes of a key that is hashed where it is looked up; for longer ones there is a function in the module. */
const MOST_HASHED = 16

/** In a known hash. */
const hashLookup: Inline = {
  fits: (known) => mapOf(known)?.kind === 'hash',
  emit(f) {
    const { body, known, low, registers, imports } = f
    const map = mapOf(known) as HashPlace
    body.get(low).i32(FRAME_SIZE + known[2]!.off).op('i32_add')
    if (map.keySize > MOST_HASHED) body.call(imports.lookups.get(map)!)
    else {
      const locals = f.hashLocals
      body.set(locals.key)
      emitHashLookup(body, map, locals)
      body.get(locals.value)
    }
    body.op('i64_extend_i32_u').set(registers[0]!)
  },
}

/** Bytes that are copied one load and one store at a time, not by a helper. */
const MOST_COPIED = 64

/** A known number of bytes into this frame: copied, or what the helper makes of it. */
const probeRead: Inline = {
  fits([, to = null, size = null]) {
    if (to?.base !== 'frame' || size?.base !== 'number' || size.off <= 0 || size.off > MOST_COPIED) return false
    return to.off >= -FRAME_SIZE && to.off + size.off <= 0
  },
  emit(f, helper) {
    const { body, known, places, registers, low, word } = f
    const size = known[2]!.off
    const target = FRAME_SIZE + known[1]!.off
    body.get(registers[3]!).i64(places.first).op('i64_sub')
    body.i64(places.end - places.first - size, 0).op('i64_gt_u').if()
    // a kernel object, or nothing
    emitHelper(f, helper)
    body.else()
    body.get(registers[3]!).op('i32_wrap_i64').set(word)
    for (const [at, width] of pieces(size)) {
      body.get(low).get(word).memory(LOADS[width]!, at).memory(STORES[width]!, target + at)
    }
    body.i64(0).set(registers[0]!).end()
  },
}

const zero: Inline = { fits: () => true, emit: ({ body, registers }) => void body.i64(0).set(registers[0]!) }

const INLINES: ReadonlyMap<string, readonly Inline[]> = new Map([
  ['bpf_map_lookup_elem', [arrayLookup, hashLookup]],
  ['bpf_probe_read_kernel', [probeRead]],
  ['bpf_probe_read', [probeRead]],
  // there is one processor
  ['bpf_get_smp_processor_id', [zero]],
  ['bpf_get_numa_node_id', [zero]],
])

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
