/** Functions that a component makes by the canonical ABI, in its binary form. */
import { ownValue } from '@lsmkit/abi'
import { malformed, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import { results } from './read-types.ts'
import type { Builtin, CanonOptions, Part, StringEncoding } from './parts.ts'

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16']
const RESOURCE_ACTS = { 0x02: 'new', 0x03: 'drop', 0x04: 'rep' } as const

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0x03: 'memory', 0x04: 'realloc', 0x05: 'post-return', 0x06: 'async', 0x07: 'callback',
}

const canonOptions = (c: SectionCursor): CanonOptions => {
  const given = new Map<string, number>()
  vector(c, () => {
    const kind = c.byte()
    const name = kind <= 0x02 ? 'encoding' : OPTION_NAMES[kind]
    if (name === undefined) throw unknown('option of a function', kind)
    if (given.has(name)) throw malformed(c)
    given.set(name, name === 'encoding' ? kind : name === 'async' ? 1 : c.u32())
  })
  const at = (name: string): number | null => given.get(name) ?? null
  return {
    encoding: ENCODINGS[given.get('encoding') ?? 0]!, memory: at('memory'), realloc: at('realloc'),
    postReturn: at('post-return'), isAsync: given.has('async'), callback: at('callback'),
  }
}

const NO_OPTIONS: CanonOptions = {
  encoding: 'utf8', memory: null, realloc: null, postReturn: null, isAsync: false, callback: null,
}

const flag = (c: SectionCursor): boolean => {
  const byte = c.byte()
  if (byte > 1) throw malformed(c)
  return byte === 1
}

/** Readers of what follows the byte of a function. */
const READERS: Readonly<Record<string, (c: SectionCursor) => Partial<Builtin>>> = {
  result: (c) => ({ result: results(c) }),
  options: (c) => ({ options: canonOptions(c) }),
  type: (c) => ({ type: c.u32() }),
  async: (c) => ({ isAsync: flag(c) }),
  memory: (c) => ({ options: { ...NO_OPTIONS, memory: c.u32() } }),
  slot: (c) => {
    if (c.byte() !== 0x7f) throw unknown('type of context', c.bytes[c.at - 1] ?? 0)
    return { slot: c.u32() }
  },
  zero: (c) => {
    if (c.byte() !== 0) throw unknown('option of a function', c.bytes[c.at - 1] ?? 0)
    return {}
  },
}

const copies = (kind: string, first: number): readonly (readonly [number, readonly string[]])[] => [
  [first, [`${kind}.new`, 'type']],
  [first + 1, [`${kind}.read`, 'type', 'options']], [first + 2, [`${kind}.write`, 'type', 'options']],
  [first + 3, [`${kind}.cancel-read`, 'type', 'async']], [first + 4, [`${kind}.cancel-write`, 'type', 'async']],
  [first + 5, [`${kind}.drop-readable`, 'type']], [first + 6, [`${kind}.drop-writable`, 'type']],
]

/** By the byte of a function: its name, and what follows. */
const BUILTINS: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [0x05, ['task.cancel']], [0x06, ['subtask.cancel', 'async']], [0x09, ['task.return', 'result', 'options']],
  [0x0a, ['context.get', 'slot']], [0x0b, ['context.set', 'slot']], [0x0c, ['thread.yield', 'zero']],
  [0x0d, ['subtask.drop']], ...copies('stream', 0x0e), ...copies('future', 0x15),
  [0x1c, ['error-context.new', 'options']], [0x1d, ['error-context.debug-message', 'options']],
  [0x1e, ['error-context.drop']], [0x1f, ['waitable-set.new']],
  [0x20, ['waitable-set.wait', 'zero', 'memory']], [0x21, ['waitable-set.poll', 'zero', 'memory']],
  [0x22, ['waitable-set.drop']], [0x23, ['waitable.join']], [0x24, ['backpressure.inc']], [0x25, ['backpressure.dec']],
])

export const readCanon = (c: SectionCursor): Part => {
  const kind = c.byte()
  switch (kind) {
    case 0x00: {
      if (c.byte() !== 0) throw malformed(c)
      const func = c.u32()
      const options = canonOptions(c)
      return { kind: 'lift', func, options, type: c.u32() }
    }
    case 0x01:
      if (c.byte() !== 0) throw malformed(c)
      return { kind: 'lower', func: c.u32(), options: canonOptions(c) }
    case 0x02: case 0x03: case 0x04: return { kind: 'resource', act: RESOURCE_ACTS[kind], type: c.u32() }
    default: {
      const [name, ...reads] = BUILTINS.get(kind) ?? []
      if (name === undefined) throw unknown('function', kind)
      const empty: Builtin = {
        kind: 'builtin', name, type: null, result: null, options: NO_OPTIONS, isAsync: false, slot: 0,
      }
      return reads.reduce<Builtin>((part, read) => ({ ...part, ...ownValue(READERS, read)!(c) }), empty)
    }
  }
}
