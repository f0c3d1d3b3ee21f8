/** How many entries the element segments of a module have: engines make all of a segment when it is first used. */
import { skipExpression } from './declared.ts'
import { skipValueType } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { ELEMENT, findSection } from './sections.ts'
import type { Section } from './sections.ts'

/** Bits of a segment's flags. An active one has a table of its own, where it is not the first; others are declared. */
const IS_NOT_ACTIVE = 1
const HAS_TABLE = 2
const HAS_EXPRESSIONS = 4

/** Counts no further than to more than `most`. */
export const countElements = (sections: readonly Section[], most: number): number => {
  const section = findSection(sections, ELEMENT)
  if (section === undefined) return 0
  const cursor = new Cursor(section.body)
  let entries = 0
  for (let segments = cursor.u32(); segments > 0 && entries <= most; segments--) {
    const flags = cursor.u32()
    if ((flags & IS_NOT_ACTIVE) === 0) {
      if ((flags & HAS_TABLE) !== 0) cursor.skipInt(32)
      skipExpression(cursor)
    }
    const hasType = (flags & (IS_NOT_ACTIVE | HAS_TABLE)) !== 0
    if (hasType) skipValueType(cursor)
    const count = cursor.u32()
    entries += count
    if (entries > most) break
    for (let left = count; left > 0; left--)
      if ((flags & HAS_EXPRESSIONS) !== 0) skipExpression(cursor)
      else cursor.skipInt(32)
  }
  return entries
}
