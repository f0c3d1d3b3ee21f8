/** Automata as bytes, in the layout that apparmor_parser writes. */
import type { Dfa } from './dfa.ts'
import { align8, MAGIC, TABLE_HEADER, tableKinds } from './table-set.ts'

/** The word that the parser puts behind the flags. */
const VERSION = 'notflex'
const HEADER = 24
const FLAGS_AT = 12
const VERSION_AT = 14

/** The bytes that `readDfa` reads; they must begin at a multiple of eight of the stream. */
export const writeDfa = (dfa: Dfa): Uint8Array => {
  const tables = tableKinds.flatMap(({ id, name, width }) => {
    const data = dfa[name]
    return data === null ? [] : [{ id, width, data, size: align8(TABLE_HEADER + data.length * width) }]
  })
  const size = tables.reduce((sum, table) => sum + table.size, HEADER)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(4, HEADER)
  view.setUint32(8, size)
  view.setUint16(FLAGS_AT, dfa.flags)
  for (let i = 0; i < VERSION.length; i++) bytes[VERSION_AT + i] = VERSION.charCodeAt(i)
  let at = HEADER
  for (const { id, width, data, size: tableSize } of tables) {
    view.setUint16(at, id)
    view.setUint16(at + 2, width)
    view.setUint32(at + 8, data.length)
    for (let i = 0; i < data.length; i++) putElement(view, at + TABLE_HEADER + i * width, width, data[i]!)
    at += tableSize
  }
  return bytes
}

const putElement = (view: DataView, at: number, width: number, value: number): void => {
  if (width === 1) view.setUint8(at, value)
  else if (width === 2) view.setUint16(at, value)
  else view.setUint32(at, value)
}
