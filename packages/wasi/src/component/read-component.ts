/** Reads the binary form of a component (preview 2): its parts, and the core modules in it. */
import { Cursor } from '../binary/leb128.ts'
import { ProgramError } from '../errors.ts'
import type { CanonOptions, ComponentParts, Named, Part, Sort } from './parts.ts'
import {
  malformed, readAliasTarget, readCoreSort, readExternName, readName, readSort, SectionCursor, Steps, unknown, vector,
} from './read.ts'
import { readExtern, readType } from './read-types.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
/** Components within components, and modules in all of them: engines pay for each. */
const MOST_DEPTH = 16
const MOST_MODULES = 256

export const isComponent = (bytes: Uint8Array): boolean => HEADER.every((byte, i) => bytes[i] === byte)

export interface ReadComponent {
  readonly parts: ComponentParts
  /** The bytes of each, by the numbers in the parts. */
  readonly modules: readonly Uint8Array<ArrayBuffer>[]
}

/** Throws `malformed-module`, and `unsupported-module` for what no command of preview 2 has. */
export const readComponent = (bytes: Uint8Array<ArrayBuffer>): ReadComponent => {
  const modules: Uint8Array<ArrayBuffer>[] = []
  return { parts: readParts(bytes, modules, new Steps(), 0), modules }
}

const readParts = (
  bytes: Uint8Array<ArrayBuffer>, modules: Uint8Array<ArrayBuffer>[], steps: Steps, depth: number,
): ComponentParts => {
  const parts: Part[] = []
  const cursor = new Cursor(bytes, HEADER.length)
  if (!isComponent(bytes) || depth > MOST_DEPTH) throw malformed(cursor)
  while (!cursor.done) {
    steps.take(1)
    const id = cursor.byte()
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    const body = bytes.subarray(start, cursor.at)
    if (id === 1) {
      if (modules.push(body) > MOST_MODULES)
        throw new ProgramError('unsupported-module', `the component has more than ${MOST_MODULES} core modules`)
      parts.push({ kind: 'core module', number: modules.length - 1 })
    } else if (id === 4) parts.push({ kind: 'component', component: readParts(body, modules, steps, depth + 1) })
    else if (id !== 0) {
      const read = SECTIONS[id]
      if (read === undefined) throw unknown('section', id)
      const section = new SectionCursor(body, steps)
      for (const part of vector(section, () => read(section))) parts.push(part)
      if (!section.done) throw malformed(section)
    }
  }
  return parts
}

const named = (c: SectionCursor, readN: (c: SectionCursor) => string, readS: (c: SectionCursor) => Sort): Named => {
  const name = readN(c)
  const sort = readS(c)
  return { name, sort, index: c.u32() }
}

const coreInstance = (c: SectionCursor): Part => {
  if (c.byte() === 1) return { kind: 'core exports', exports: vector(c, () => named(c, readName, readCoreSort)) }
  return { kind: 'core instance', module: c.u32(), args: vector(c, () => named(c, readName, readCoreSort)) }
}

const instance = (c: SectionCursor): Part => {
  if (c.byte() === 1) return { kind: 'exports', exports: vector(c, () => named(c, readExternName, readSort)) }
  return { kind: 'instance', component: c.u32(), args: vector(c, () => named(c, readName, readSort)) }
}

const alias = (c: SectionCursor): Part => {
  const sort = readSort(c)
  const target = readAliasTarget(c)
  return 'name' in target ? { kind: 'alias', sort, ...target } : { kind: 'outer alias', sort, ...target }
}

const canonOptions = (c: SectionCursor): CanonOptions => {
  let [memory, realloc, postReturn]: (number | null)[] = [null, null, null]
  vector(c, () => {
    const kind = c.byte()
    if (kind === 0x00) return
    if (kind === 0x03) memory = c.u32()
    else if (kind === 0x04) realloc = c.u32()
    else if (kind === 0x05) postReturn = c.u32()
    else if (kind === 0x01 || kind === 0x02)
      throw new ProgramError('unsupported-module', 'the component has strings in UTF-16, and only UTF-8 is read here')
    else throw unknown('option of a function', kind)
  })
  return { memory: memory ?? null, realloc: realloc ?? null, postReturn: postReturn ?? null }
}

const canon = (c: SectionCursor): Part => {
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
    case 0x02: case 0x04:
      throw new ProgramError('unsupported-module', 'the component has resources of its own, which no limit bounds')
    case 0x03:
      c.u32()
      return { kind: 'drop' }
    default: throw unknown('function', kind)
  }
}

const exported = (c: SectionCursor): Part => {
  const part = named(c, readExternName, readSort)
  const described = c.byte()
  if (described > 1) throw malformed(c)
  if (described === 1) readExtern(c)
  return { kind: 'export', ...part }
}

const imported = (c: SectionCursor): Part => {
  const name = readExternName(c)
  return { kind: 'import', name, sort: readExtern(c) }
}

const SECTIONS: Readonly<Record<number, (c: SectionCursor) => Part>> = {
  2: coreInstance,
  5: instance,
  6: alias,
  7: (c) => ({ kind: 'type', type: readType(c) }),
  8: canon,
  10: imported,
  11: exported,
}
