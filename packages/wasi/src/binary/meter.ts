/**
 * Makes computation interruptible: as it goes on, a program counts a global down (one for about a nanosecond), and when
 * it is used up calls out through a table of its own. The host then looks at the clock, refills, or throws.
 *
 * Engines compile a function when it is called first, which takes longer than all else a call does: each function has a
 * global that holds the price until it was paid.
 *
 * Nothing is renumbered: the new types, functions, table, globals and exports stand behind the old ones, and the table
 * holds the host's function, so that no import is added.
 */
import { BuildTime } from '../build-time.ts'
import { ProgramError } from '../errors.ts'
import { readMemories, readTables } from './declared.ts'
import { indexSpaces } from './index-spaces.ts'
import type { IndexSpaces } from './index-spaces.ts'
import { leb, signedLeb } from './leb128.ts'
import { longCopy, longFill } from './long-operations.ts'
import { meterCode } from './meter-code.ts'
import type { Meter, Payment } from './meter-code.ts'
import { shapesOf } from './shapes.ts'
import {
  appendEntries, appendEntry, CODE, EXPORT, findSection, FUNCTION, GLOBAL, joinSections, replaceSection, splitSections,
  TABLE, TYPE,
} from './sections.ts'
import { assertValid } from './valid.ts'
import { PADDED, Writer } from './writer.ts'

/** Exports of a metered module: the count that is left (i32), and the table whose element 0 refills it. */
export const FUEL = 'lsmkit:fuel'
export const REFILL = 'lsmkit:refill'

const VOID_FUNCTION = [0x60, 0, 0]
const LENGTH_FUNCTION = [0x60, 1, 0x7f, 1, 0x7f]
const THREE_FUNCTION = [0x60, 3, 0x7f, 0x7f, 0x7f, 0]
const ONE_FUNCREF = [0x70, 0x01, 1, 1]
const NO_LOCALS = 0
const END = 0x0b

/** The shortest of an operation, and how many bytes are copied in a nanosecond (as a shift). */
const OPERATION = 16
const BYTES_SHIFT = 2
/** As much for entries of tables, which take up to 200 ns each. No table has more than 2^23 of them. */
const ENTRIES_OPERATION = 1024
const ENTRIES_SHIFT = 7
const MOST_ENTRIES = 2 ** 23

/** A start section would run before there is fuel: it must have been deferred. */
export const meterLoops = (
  bytes: Uint8Array<ArrayBuffer>, time = new BuildTime(null),
): Uint8Array<ArrayBuffer> => {
  let sections = splitSections(bytes)
  const code = findSection(sections, CODE)
  if (code === undefined) return bytes
  // neither lengths of 64 bits nor waiting on shared memory can be metered: these refuse both
  readMemories(sections)
  readTables(sections)
  const spaces = indexSpaces(sections)
  const { types, functions, tables, memories, globals } = spaces
  if (memories > 1) throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const pay = (units: readonly number[]): number[] => payment(units, spaces)
  const payForBytes = (length: readonly number[]): number[] => pay(unitsOfBytes(length))
  const { body, firstCalls } = meterCode(
    code.body,
    shapesOf(sections),
    {
      pay: priced(spaces),
      payEntry: pricedEntry(spaces),
      firstCalls: globals + 1,
      payBytes: callOf(functions),
      payEntries: callOf(functions + 1),
      fill: callOf(functions + 2),
      copy: callOf(functions + 3),
    },
    [
      [NO_LOCALS, ...payForBytes(ITS_LENGTH), ...ITS_LENGTH, END],
      [NO_LOCALS, ...pay(unitsOfEntries), ...ITS_LENGTH, END],
      ...(memories === 0 ? [] : [longFill(payForBytes), longCopy(payForBytes)]),
    ],
    time,
  )
  // one that is not valid by itself could be so with what is added, and use it: the count, the table
  assertValid(bytes, time)

  sections = replaceSection(sections, { id: CODE, body })
  sections = appendEntry(sections, TYPE, VOID_FUNCTION)
  sections = appendEntry(sections, TYPE, LENGTH_FUNCTION)
  sections = appendEntry(sections, TYPE, THREE_FUNCTION)
  const inPieces = memories === 0 ? [] : [types + 2, types + 2]
  for (const type of [types + 1, types + 1, ...inPieces]) sections = appendEntry(sections, FUNCTION, leb(type))
  sections = appendEntry(sections, TABLE, ONE_FUNCREF)
  sections = appendEntries(sections, GLOBAL, 1 + firstCalls.length, counters([0, ...firstCalls]))
  sections = appendEntry(sections, EXPORT, [...name(REFILL), 0x01, ...leb(tables)])
  sections = appendEntry(sections, EXPORT, [...name(FUEL), 0x03, ...leb(globals)])
  return joinSections(sections)
}

/** `if ((fuel -= units) < 0) table[0]()`, where `units` is code that leaves a number below 2^31. */
const payment = (units: readonly number[], { types, tables, globals }: IndexSpaces): number[] => {
  const at = leb(globals)
  return [
    0x23, ...at, ...units, 0x6b, 0x24, ...at,
    0x23, ...at, 0x41, 0, 0x48,
    0x04, 0x40, 0x41, 0, 0x11, ...leb(types), ...leb(tables), END,
  ]
}

/** An integer that is filled in later. */
const FILLED_IN = Array<number>(PADDED).fill(0)

/** Pays a price that is filled in later, and what `more` adds to it. */
const priced = (spaces: IndexSpaces, more: readonly number[] = []): Payment => ({
  code: Uint8Array.from(payment([0x41, ...FILLED_IN, ...more], spaces)),
  // behind the global that is paid from
  price: 1 + leb(spaces.globals).length + 1,
})

/** The same with what is in a global, which is nothing from then on. */
const pricedEntry = (spaces: IndexSpaces): Meter['payEntry'] => {
  const { code, price } = priced(spaces, [0x23, ...FILLED_IN, 0x6a])
  const whole = Uint8Array.from([...code, 0x41, 0, 0x24, ...FILLED_IN])
  return { code: whole, price, globals: [price + PADDED + 1, whole.length - PADDED] }
}

/** Globals that change and begin at these values. */
const counters = (values: readonly number[]): Uint8Array => {
  const out = new Writer(values.length * (PADDED + 4))
  for (const value of values) {
    out.put([0x7f, 0x01, 0x41])
    out.fill(out.reserve(), value)
    out.put([END])
  }
  return out.written()
}

const callOf = (index: number): Uint8Array => Uint8Array.from([0x10, ...leb(index)])

const ITS_LENGTH = [0x20, 0]
/** `OPERATION + (length >>> BYTES_SHIFT)` */
const unitsOfBytes = (length: readonly number[]): number[] =>
  [...length, 0x41, BYTES_SHIFT, 0x76, 0x41, ...signedLeb(OPERATION), 0x6a]
/** `ENTRIES_OPERATION + (min(length, MOST_ENTRIES) << ENTRIES_SHIFT)`, without a sign */
const most = [0x41, ...signedLeb(MOST_ENTRIES)]
const unitsOfEntries = [
  ...ITS_LENGTH, ...most, ...ITS_LENGTH, ...most, 0x49, 0x1b,
  0x41, ENTRIES_SHIFT, 0x74, 0x41, ...signedLeb(ENTRIES_OPERATION), 0x6a,
]

const name = (text: string): number[] => [...leb(text.length), ...[...text].map((c) => c.charCodeAt(0))]
