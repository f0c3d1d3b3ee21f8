/** The text of src/generated/hook-docs.ts: an interface with a member for each hook, whose comment an editor shows. */
import { hookNames } from '../src/hooks/hook-defs.ts'
import type { HookName } from '../src/hooks/hook-defs.ts'
import { hookDoc, hookParagraphs } from '../src/hooks/hook-doc.ts'

const WIDTH = 112

/** Breaks a text into comment lines. */
const wrap = (text: string, width = WIDTH): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

/** A comment must not end early, and `@` begins a tag. */
const safe = (text: string): string => text.replaceAll('*/', '* /').replaceAll('@', 'at ')

const member = (name: HookName): string => {
  const doc = hookDoc(name)
  const paragraphs = hookParagraphs(doc).flatMap((text, i) => [...(i === 0 ? [] : ['']), ...wrap(safe(text))])
  const tags = doc.parameters.flatMap(({ name: parameter, says }) => wrap(`@param ${parameter} - ${safe(says)}`))
  const lines = [...paragraphs, ...(tags.length > 0 ? ['', ...tags] : [])]
  return ['  /**', ...lines.map((line) => `   * ${line}`.trimEnd()), '   */', `  ${name}: unknown`, ''].join('\n')
}

export const renderHookDocs = (): string => `/**
 * What the editor shows for each hook: the types of hooks and keys are mapped over this interface, which carries the
 * comments along. Written by scripts/generate-hook-docs.ts from hook-words-table.ts; a test keeps it in step.
 */
export interface HookDocs {
${hookNames.map(member).join('\n')}}
`
