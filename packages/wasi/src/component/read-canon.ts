/** Functions that a component makes by the canonical ABI, in its binary form. */
import { malformed, unknown, vector } from './read.ts'
import type { SectionCursor } from './read.ts'
import type { CanonOptions, Part, StringEncoding } from './parts.ts'

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16']
const RESOURCE_ACTS = { 0x02: 'new', 0x03: 'drop', 0x04: 'rep' } as const

const canonOptions = (c: SectionCursor): CanonOptions => {
  const given = new Map<string, number>()
  const give = (name: string, value: number): void => {
    if (given.has(name)) throw malformed(c)
    given.set(name, value)
  }
  vector(c, () => {
    const kind = c.byte()
    if (kind <= 0x02) give('encoding', kind)
    else if (kind === 0x03) give('memory', c.u32())
    else if (kind === 0x04) give('realloc', c.u32())
    else if (kind === 0x05) give('post-return', c.u32())
    else throw unknown('option of a function', kind)
  })
  return {
    encoding: ENCODINGS[given.get('encoding') ?? 0]!, memory: given.get('memory') ?? null,
    realloc: given.get('realloc') ?? null, postReturn: given.get('post-return') ?? null,
  }
}

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
    default: throw unknown('function', kind)
  }
}
