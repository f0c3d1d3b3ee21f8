/**
 * Makes pure computation interruptible: every function entry and loop head counts a global down, and when it is used up
 * calls out through a table of its own. The host then looks at the clock, refills, or throws.
 *
 * Nothing is renumbered: the new type, table, global and exports stand behind the old ones, and the table holds the
 * host's function, so that no import is added.
 */
import { ProgramError } from '../errors.ts'
import { indexSpaces } from './index-spaces.ts'
import { skipInstruction, skipValueType } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import {
  appendEntry, CODE, EXPORT, findSection, GLOBAL, joinSections, removeSection, replaceSection, splitSections, START,
  TABLE, TYPE,
} from './sections.ts'
import type { Section } from './sections.ts'

/**
 * Exports of a metered module: the count that is left (i32), the table whose element 0 refills it, and what was its
 * start function, if it had one: to be called once both are filled, before anything else.
 */
export const FUEL = 'lsmkit:fuel'
export const REFILL = 'lsmkit:refill'
export const STARTER = 'lsmkit:start'

const LOOP = 0x03
const VOID_FUNCTION = [0x60, 0, 0]
const ONE_FUNCREF = [0x70, 0x01, 1, 1]

export const meterLoops = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  let sections = splitSections(bytes)
  const code = findSection(sections, CODE)
  if (code === undefined) return bytes
  const { types, tables, globals } = indexSpaces(sections)
  const body = meterCode(code.body, countDown(types, tables, globals))
  // one that is not valid by itself could be so with what is added, and use it: the count, the table
  if (!WebAssembly.validate(bytes)) throw new ProgramError('malformed-module', 'the module is not valid')

  sections = replaceSection(sections, { id: CODE, body })
  sections = appendEntry(sections, TYPE, VOID_FUNCTION)
  sections = appendEntry(sections, TABLE, ONE_FUNCREF)
  sections = appendEntry(sections, GLOBAL, [0x7f, 0x01, 0x41, 0, 0x0b])
  sections = appendEntry(sections, EXPORT, [...name(REFILL), 0x01, ...leb(tables)])
  sections = appendEntry(sections, EXPORT, [...name(FUEL), 0x03, ...leb(globals)])
  return joinSections(exportStart(sections))
}

/** A start function runs before its module can be given fuel: it becomes an export. */
const exportStart = (sections: readonly Section[]): Section[] => {
  const start = findSection(sections, START)
  if (start === undefined) return [...sections]
  return appendEntry(removeSection(sections, START), EXPORT, [...name(STARTER), 0x00, ...start.body])
}

/** `if (--fuel < 0) table[0]()` */
const countDown = (type: number, table: number, global: number): Uint8Array => {
  const at = leb(global)
  return Uint8Array.from([
    0x23, ...at, 0x41, 1, 0x6b, 0x24, ...at,
    0x23, ...at, 0x41, 0, 0x48,
    0x04, 0x40, 0x41, 0, 0x11, ...leb(type), ...leb(table), 0x0b,
  ])
}

const name = (text: string): number[] => [...leb(text.length), ...[...text].map((c) => c.charCodeAt(0))]

const meterCode = (body: Uint8Array, tick: Uint8Array): Uint8Array => {
  const cursor = new Cursor(body)
  const count = cursor.u32()
  const functions = Array.from({ length: count }, () => {
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    return meterFunction(body, start, cursor.at, tick)
  })
  const head = leb(count)
  const heads = functions.map((parts) => leb(parts.reduce((sum, part) => sum + part.length, 0)))
  const size = functions.reduce(
    (sum, parts, i) => parts.reduce((all, part) => all + part.length, sum + (heads[i] as number[]).length),
    head.length,
  )
  const out = new Uint8Array(size)
  out.set(head)
  let at = head.length
  const put = (part: ArrayLike<number>): void => {
    out.set(part, at)
    at += part.length
  }
  functions.forEach((parts, i) => {
    put(heads[i] as number[])
    parts.forEach(put)
  })
  return out
}

/** The function in pieces, with `tick` behind its locals and behind every `loop`. */
const meterFunction = (body: Uint8Array, start: number, end: number, tick: Uint8Array): Uint8Array[] => {
  const cursor = new Cursor(body, start, end)
  const parts: Uint8Array[] = []
  let from = start
  const cut = (): void => {
    parts.push(body.subarray(from, cursor.at), tick)
    from = cursor.at
  }
  for (let groups = cursor.u32(); groups > 0; groups--) {
    cursor.skipInt(32)
    skipValueType(cursor)
  }
  cut()
  while (!cursor.done) if (skipInstruction(cursor) === LOOP) cut()
  parts.push(body.subarray(from, end))
  return parts
}
