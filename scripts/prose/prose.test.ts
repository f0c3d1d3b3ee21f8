/** Marks of prose: what each finds and leaves, where prose stands in a file, and that marks only become fewer. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOf, findAll, findIn, marksOf } from './check.ts'
import { marks } from './marks.ts'
import { proseOfMarkdown, proseOfSource } from './texts.ts'

const root = join(import.meta.dirname, '../..')
const names = (sentence: string): string[] => marksOf(sentence).map(({ name }) => name)

describe('a mark', () => {
  test.each(marks)('$name is found before, and nothing after', ({ name, before, after }) => {
    expect(names(before)).toContain(name)
    expect(names(after)).toEqual([])
  })

  test.each([
    'There is none.', 'It is none of them.', 'There is no rule.', 'The file is no longer there.',
    'It is no more than a hint.', 'What is a blob?', 'A task that waits is woken.',
    'Returns what the hook returned.', 'The kernel, which is `told`, returns 0.',
    'The name as it is spelt in the header.', 'See [the page](tells.md).',
  ])('is not in: %s', (sentence) => expect(names(sentence)).toEqual([]))
})

const source = `#!/usr/bin/env node
/**
 * The first sentence.
 * It goes on.
 *
 * A second paragraph with \`code\`.
 */
/** Of an export. */
export interface Shape {
  /** Of a member. */
  readonly name: string
}
/** Of nothing public. */
const inner = () => fail(\`a message about \${inner.name} of five words\`, 'short one')
// a remark
export const outer = () => {
  /** Within a body. */
  return inner()
}
`

test('prose of a source: the header, docs of exports and their members, sentences in strings', () =>
  expect(proseOfSource('x.ts', source).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'comment: The first sentence. It goes on.',
    'comment: A second paragraph with `code`.',
    'comment: Of an export.',
    'comment: Of a member.',
    'string: a message about ${inner.name} of five words',
  ]))

test('each paragraph has its place in the file', () => {
  for (const { from, to, kind, text } of proseOfSource('x.ts', source)) {
    const raw = source.slice(from, to)
    expect(kind === 'comment' ? raw.replaceAll(/\s*\n \* /g, ' ') : raw).toBe(text)
  }
})

const page = `# A heading is left out

A paragraph
on two lines.

- an item
- another item
  that goes on

| a cell | another \\| cell |
|---|---|
| \`code\` | last |

\`\`\`ts
const tells = 1
\`\`\`
`

test('prose of a page: paragraphs, items and cells', () =>
  expect(proseOfMarkdown(page).map(({ text }) => text).filter((text) => text !== '---')).toEqual([
    'A paragraph on two lines.', 'an item', 'another item that goes on', 'a cell', 'another \\| cell', '`code`', 'last',
  ]))

test('a marked sentence has a file and a line', () =>
  expect(findIn('x.ts', '/** Fine. */\n\n/**\n * It tells `x`. It is fine. */\nexport const x = 1\n')
    .map(({ line, mark, sentence }) => `${line}: ${mark.name}: ${sentence}`))
    .toEqual(['4: machine-speaks: It tells `x`.']))

describe('the tree', () => {
  test('is read', () => expect(filesOf(root).length).toBeGreaterThan(2000))

  test('has no marked sentence', () => expect(findAll(root).map(({ file, line, mark, sentence }) =>
    `${file}:${line}: ${mark.name}: ${sentence}`)).toEqual([]))
})
