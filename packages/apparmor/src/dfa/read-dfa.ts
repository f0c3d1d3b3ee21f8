/** Automata out of policy binaries, with the checks of `aa_dfa_unpack`. */
import { ApparmorError } from '../errors.ts'
import { DFA_DIFF_ENCODE, DFA_OOB_TRANSITIONS } from './dfa.ts'
import type { Dfa } from './dfa.ts'
import { MAGIC, SET_HEADER, TABLE_HEADER, tableKinds } from './table-set.ts'
import type { TableName } from './table-set.ts'
import { verifyDfa } from './verify.ts'

type Table = Uint8Array | Uint16Array | Uint32Array

const kindOf = new Map(tableKinds.map((kind) => [kind.id, kind]))

const refuse = (message: string): never => {
  throw new ApparmorError('bad-dfa', message)
}

/**
 * The automaton in `bytes`. With `indexed` its accept words index a permission table, and there must be no second
 * accept table; without, both are needed. Throws ApparmorError `bad-dfa`.
 */
export const readDfa = (bytes: Uint8Array, indexed: boolean): Dfa => {
  if (bytes.length < SET_HEADER) refuse(`an automaton of ${bytes.length} bytes has no header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0) !== MAGIC) refuse('an automaton begins with another number than 1b5e783d')
  const headerSize = view.getUint32(4)
  if (headerSize > bytes.length) refuse(`the header of an automaton claims ${headerSize} bytes`)
  const flags = view.getUint16(12)
  if ((flags & ~(DFA_DIFF_ENCODE | DFA_OOB_TRANSITIONS)) !== 0) refuse(`an automaton has unknown flags ${flags}`)
  const tables: Partial<Record<TableName, Table>> = {}
  for (let at = headerSize; at < bytes.length;) at = readTable(bytes, at, indexed, tables)
  const dfa = { flags, ...whole(tables, indexed) }
  verifyDfa(dfa)
  return dfa
}

/** One table into `tables`; gives where the next begins. */
const readTable = (
  bytes: Uint8Array, at: number, indexed: boolean, tables: Partial<Record<TableName, Table>>,
): number => {
  if (at + TABLE_HEADER > bytes.length) refuse('a table of an automaton is cut off')
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  const id = view.getUint16(0)
  const kind = kindOf.get(id) ?? refuse(`an automaton has a table of the unknown kind ${id}`)
  const width = view.getUint16(2)
  const length = view.getUint32(8)
  if (width !== kind.width) refuse(`the table ${kind.name} has elements of ${width} bytes instead of ${kind.width}`)
  if (kind.name === 'accept2' && indexed) refuse('a second accept table stands beside a permission table')
  if (length === 0) refuse(`the table ${kind.name} is empty`)
  const end = at + TABLE_HEADER + length * width
  if (alignedEnd(at, end) > bytes.length) refuse(`the table ${kind.name} claims ${length} elements and is cut off`)
  if (tables[kind.name] !== undefined) refuse(`the table ${kind.name} comes twice`)
  tables[kind.name] = elements(bytes.subarray(at + TABLE_HEADER, end), width)
  return alignedEnd(at, end)
}

/** Tables are padded by their own size, wherever they begin. */
const alignedEnd = (at: number, end: number): number => at + Math.ceil((end - at) / 8) * 8

const elements = (bytes: Uint8Array, width: number): Table => {
  if (width === 1) return bytes.slice()
  const length = bytes.length / width
  if (width === 2) {
    const table = new Uint16Array(length)
    for (let i = 0, at = 0; i < length; i++, at += 2) table[i] = (bytes[at]! << 8) | bytes[at + 1]!
    return table
  }
  const table = new Uint32Array(length)
  for (let i = 0, at = 0; i < length; i++, at += 4) {
    table[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }
  return table
}

/** As `verify_table_headers`: every table that is needed, and lengths that agree. */
const whole = (tables: Partial<Record<TableName, Table>>, indexed: boolean): Omit<Dfa, 'flags'> => {
  const base = needed(tables, 'base') as Uint32Array
  const def = needed(tables, 'def', base.length) as Uint16Array
  const accept = needed(tables, 'accept', base.length) as Uint32Array
  const accept2 = indexed ? null : needed(tables, 'accept2', base.length) as Uint32Array
  const next = needed(tables, 'next') as Uint16Array
  const check = needed(tables, 'check', next.length) as Uint16Array
  const equivalence = (tables.equivalence as Uint8Array | undefined) ?? null
  if (equivalence !== null && equivalence.length !== 256) refuse(`${equivalence.length} classes of bytes are not 256`)
  return { accept, accept2, base, check, next, def, equivalence }
}

const needed = (tables: Partial<Record<TableName, Table>>, name: TableName, length?: number): Table => {
  const table = tables[name] ?? refuse(`the table ${name} is missing`)
  if (length !== undefined && table.length !== length) {
    refuse(`the table ${name} has ${table.length} elements instead of ${length}`)
  }
  return table
}
