/** Reads the binary form of a component (preview 2): its parts, and the core modules in it. */
import { isComponent, PREAMBLE } from '../component-program.ts'
import { Cursor } from '../binary/leb128.ts'
import { ProgramError } from '../errors.ts'
import { readCanon } from './read-canon.ts'
import { readCoreType } from './read-core-types.ts'
import type { ComponentParts, Named, Part, Sort } from './parts.ts'
import {
  malformed, readCoreSort, readExternName, readExternSort, readName, SectionCursor, Steps, unknown, vector,
} from './read.ts'
import { optional, readAlias, readExtern, readType } from './read-types.ts'

/** Components within components, and modules in all of them: engines pay for each. */
const MOST_DEPTH = 16
const MOST_MODULES = 256

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
  const cursor = new Cursor(bytes, PREAMBLE.length)
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
    else if (id === 0) readName(new SectionCursor(body, steps))
    else {
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

const form = (c: SectionCursor): number => {
  const byte = c.byte()
  if (byte > 1) throw malformed(c)
  return byte
}

const coreInstance = (c: SectionCursor): Part => {
  if (form(c) === 1) return { kind: 'core exports', exports: vector(c, () => named(c, readName, readCoreSort)) }
  return { kind: 'core instance', module: c.u32(), args: vector(c, () => named(c, readName, readCoreSort)) }
}

const instance = (c: SectionCursor): Part => {
  if (form(c) === 1) return { kind: 'exports', exports: vector(c, () => named(c, readExternName, readExternSort)) }
  return { kind: 'instance', component: c.u32(), args: vector(c, () => named(c, readName, readExternSort)) }
}

const exported = (c: SectionCursor): Part => {
  const part = named(c, readExternName, readExternSort)
  return { kind: 'export', ...part, extern: optional(c, readExtern) }
}

const imported = (c: SectionCursor): Part => {
  const name = readExternName(c)
  const extern = readExtern(c)
  return { kind: 'import', name, sort: extern.sort, extern }
}

const SECTIONS: Readonly<Record<number, (c: SectionCursor) => Part>> = {
  2: coreInstance,
  3: (c) => ({ kind: 'core type', type: readCoreType(c) }),
  5: instance,
  6: readAlias,
  7: (c) => ({ kind: 'type', type: readType(c) }),
  8: readCanon,
  10: imported,
  11: exported,
}
