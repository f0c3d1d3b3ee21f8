/** An expression as instructions for a set of places to be in at once: there is no way back, and none is needed. */
import type { Expression } from './expression.ts'

export const BYTE = 0
/** Goes on at both. */
export const SPLIT = 1
/** Goes on where its condition holds. */
export const IF = 2
export const MATCH = 3

/** Which bytes: one flag each. */
export type Bytes = Uint8Array

export type Condition =
  | { readonly kind: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'ahead' | 'behind'; readonly program: Program; readonly isWanted: boolean }

export interface Program {
  /** By instruction: what it does, and where to go on; of SPLIT the other way too. */
  readonly operations: readonly number[]
  readonly next: readonly number[]
  readonly other: readonly number[]
  readonly bytes: readonly (Bytes | null)[]
  readonly conditions: readonly (Condition | null)[]
  readonly start: number
  /** Has it no conditions? Then what comes next depends on the byte alone. */
  readonly isPlain: boolean
}

/** Sets of bytes that are remembered, for those of most patterns are few. */
const MOST_KNOWN = 1 << 12

const known = new Map<string, Bytes>()

/** Asked of JavaScript itself, so that both mean the same. */
const bytesOf = (js: string): Bytes => {
  let bytes = known.get(js)
  if (bytes === undefined) {
    const one = new RegExp(`^${js}$`, 's')
    bytes = Uint8Array.from({ length: 256 }, (_, byte) => one.test(String.fromCharCode(byte)) ? 1 : 0)
    if (known.size < MOST_KNOWN) known.set(js, bytes)
  }
  return bytes
}

/** Repetitions are written out: see `sizeOf` for what that comes to. */
export const programOf = (expression: Expression): Program => {
  const operations: number[] = []
  const next: number[] = []
  const other: number[] = []
  const bytes: (Bytes | null)[] = []
  const conditions: (Condition | null)[] = []
  const add = (
    operation: number, to: number, more: { other?: number; bytes?: Bytes; condition?: Condition } = {},
  ): number => {
    operations.push(operation)
    next.push(to)
    other.push(more.other ?? -1)
    bytes.push(more.bytes ?? null)
    conditions.push(more.condition ?? null)
    return operations.length - 1
  }
  /** Writes what leads through the expression to `to`; answers where it begins. */
  const write = (part: Expression, to: number): number => {
    switch (part.kind) {
      case 'byte': return add(BYTE, to, { bytes: bytesOf(part.js) })
      case 'all': return part.parts.reduceRight((behind, one) => write(one, behind), to)
      case 'either': return part.parts.map((one) => write(one, to)).reduceRight((rest, one) =>
        add(SPLIT, one, { other: rest }))
      case 'repeat': return repeat(part, to)
      case 'ahead': case 'behind': return add(IF, to,
        { condition: { kind: part.kind, program: programOf(part.part), isWanted: part.isWanted } })
      default: return add(IF, to, { condition: { kind: part.kind } })
    }
  }
  const repeat = ({ part, least, most }: Expression & { kind: 'repeat' }, to: number): number => {
    let begin = to
    if (most === Infinity) {
      begin = add(SPLIT, -1, { other: to })
      next[begin] = write(part, begin)
    } else for (let i = least; i < most; i++) begin = add(SPLIT, write(part, begin), { other: to })
    for (let i = 0; i < least; i++) begin = write(part, begin)
    return begin
  }
  const start = write(expression, add(MATCH, -1))
  return { operations, next, other, bytes, conditions, start, isPlain: conditions.every((one) => one === null) }
}
