/**
 * Turns a start section into an export that is called once the instance is there: before that a program has neither its
 * memory, which its calls need, nor its fuel.
 */
import { leb } from './leb128.ts'
import { appendEntry, EXPORT, findSection, joinSections, removeSection, splitSections, START } from './sections.ts'

/** The export that does what the start section did. */
export const STARTER = 'lsmkit:start'

/** Null for a module that has none. It may be valid where `bytes` are not: any function may be exported. */
export const deferStart = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null => {
  const sections = splitSections(bytes)
  const start = findSection(sections, START)
  if (start === undefined) return null
  const name = new TextEncoder().encode(STARTER)
  return joinSections(
    appendEntry(removeSection(sections, START), EXPORT, [...leb(name.length), ...name, 0x00, ...start.body]),
  )
}
