/** Damaged and hostile files: an EmitError with a place, or a policy that is one. Never anything else. */
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import { describe, expect, test } from 'vitest'
import { EmitError } from './emit-error.ts'
import { formatNames, formats } from './formats/index.ts'
import { formatOf } from './format-of.ts'
import { plainOf } from './plain.ts'
import { generator } from './questions.ts'
import { takeFrom } from './taken.ts'
import { randomPolicy } from './testing/random-policy.ts'

const ROUNDS = 60
const pieces = [
  '', '"', '\'', '{', '}', '[', ']', '/', '..', '*', '\0', '\n', '%', '$', '${x}',
  '\\', '-1', '1e999', 'null',
  '[]', '{}', '../..', '/*/x', 'Ā', '__proto__', 'constructor', ':', '=', '#', '<', '=>', '9'.repeat(20),
]

const damaged = (text: string, random: () => number): string => {
  const at = Math.floor(random() * text.length)
  const end = at + Math.floor(random() * random() * 40)
  return text.slice(0, at) + pieces[Math.floor(random() * pieces.length)]! + text.slice(end)
}

describe.each(formatNames)('%s', (name) => {
  test('damaged texts', () => {
    const format = formats[name]
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = generator(seed)
      const written = format.write(plainOf(randomPolicy(seed % 12)))
      let { text } = written
      for (let change = 0; change <= seed % 4; change++) text = damaged(text, random)
      const files = written.files?.map(({ name: file, contents }) => ({
        name: file, contents: typeof contents === 'string' ? damaged(contents, random) : contents.slice(0, -seed % 9),
      })) ?? []
      formatOf(text)
      let outcome: unknown = 'taken'
      try {
        checkPolicy(takeFrom(format, { text, files }).policy)
        format.answers({ text, files })({ kind: 'path', right: 'read', path: '/x', host: '/x' })
      } catch (error) {
        outcome = error instanceof EmitError ? 'taken' : error
      }
      expect({ text, outcome }).toEqual({ text, outcome: 'taken' })
    }
  })
})
