/** The layout of an automaton in a policy binary: a header and tables, big endian, padded to eight bytes (match.h). */
export const MAGIC = 0x1b5e783d
/** Magic, header size, size of the whole, flags. */
export const SET_HEADER = 16
/** Id, width, high length, length. */
export const TABLE_HEADER = 12

export type TableName = 'accept' | 'base' | 'check' | 'def' | 'equivalence' | 'accept2' | 'next'

export interface TableKind {
  readonly id: number
  readonly name: TableName
  /** Bytes of an element. */
  readonly width: 1 | 2 | 4
}

/** In the order that apparmor_parser writes them. */
export const tableKinds: readonly TableKind[] = [
  { id: 1, name: 'accept', width: 4 },
  { id: 7, name: 'accept2', width: 4 },
  { id: 2, name: 'base', width: 4 },
  { id: 4, name: 'def', width: 2 },
  { id: 8, name: 'next', width: 2 },
  { id: 3, name: 'check', width: 2 },
  { id: 5, name: 'equivalence', width: 1 },
]

export const align8 = (size: number): number => (size + 7) & ~7
