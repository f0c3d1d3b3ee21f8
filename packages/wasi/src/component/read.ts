/** Pieces that the binary form of components is made of: names, sorts, lists. */
import { Cursor } from '../binary/leb128.ts'
import { ProgramError } from '../errors.ts'
import type { Sort } from './parts.ts'

/** Sections, parts, and names in them: more than components have. An engine never sees them, and each is kept here. */
const MOST_STEPS = 200_000

/** The parts read so far of a component and of those in it. */
export class Steps {
  #left = MOST_STEPS

  /** Throws `unsupported-module` where it becomes too much. */
  take(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw new ProgramError('unsupported-module', 'the component has too many parts')
  }
}

export class SectionCursor extends Cursor {
  readonly steps: Steps

  constructor(bytes: Uint8Array, steps: Steps) {
    super(bytes)
    this.steps = steps
  }
}

export const malformed = (c: Cursor): ProgramError =>
  new ProgramError('malformed-module', `the component is not valid (offset ${c.at} of a section)`)

/** A feature of a later version of the component model, or one that is left out here. */
export const unknown = (what: string, byte: number): ProgramError =>
  new ProgramError(
    'unsupported-module', `the component has a ${what} that is not known here (0x${byte.toString(16)})`,
    'it may have been built for a later WASI than preview 2, or with asynchronous functions',
  )

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const readName = (c: SectionCursor): string => {
  const length = c.u32()
  const start = c.at
  c.skip(length)
  try {
    return decoder.decode(c.bytes.subarray(start, c.at))
  } catch {
    throw malformed(c)
  }
}

/** The name of an import or export, behind a byte for its form; of form 2, what only describes it comes after. */
export const readExternName = (c: SectionCursor): string => {
  const form = c.byte()
  if (form > 2) throw unknown('name', form)
  const name = readName(c)
  if (form === 2)
    vector(c, () => {
      const kind = c.byte()
      if (kind > 1) throw unknown('part of a name', kind)
      readName(c)
    })
  return name
}

export const vector = <T>(c: SectionCursor, read: () => T): T[] => {
  const entries: T[] = []
  const count = c.u32()
  c.steps.take(count)
  for (let left = count; left > 0; left--) entries.push(read())
  return entries
}

const CORE_SORTS: Readonly<Record<number, Sort>> = {
  0x00: 'core func', 0x01: 'core table', 0x02: 'core memory', 0x03: 'core global', 0x04: 'core tag', 0x10: 'core type',
  0x11: 'core module', 0x12: 'core instance',
}
const SORTS: Readonly<Record<number, Sort>> = { 0x01: 'func', 0x03: 'type', 0x04: 'component', 0x05: 'instance' }

export const readCoreSort = (c: SectionCursor): Sort => {
  const byte = c.byte()
  const sort = CORE_SORTS[byte]
  if (sort === undefined) throw unknown('sort', byte)
  return sort
}

export const readSort = (c: SectionCursor): Sort => {
  const byte = c.byte()
  if (byte === 0x00) return readCoreSort(c)
  const sort = SORTS[byte]
  if (sort === undefined) throw unknown('sort', byte)
  return sort
}

/** The sort of an import, an export or an argument: of the core ones a module alone. */
export const readExternSort = (c: SectionCursor): Sort => {
  const sort = readSort(c)
  if (sort.startsWith('core ') && sort !== 'core module') throw malformed(c)
  return sort
}

/** The target of an alias: an export of an instance, or something of a component around this one. */
export const readAliasTarget = (
  c: SectionCursor,
): { isCore: boolean; instance: number; name: string } | { count: number; index: number } => {
  const kind = c.byte()
  if (kind > 2) throw unknown('alias', kind)
  const first = c.u32()
  return kind === 2 ? { count: first, index: c.u32() } : { isCore: kind === 1, instance: first, name: readName(c) }
}
