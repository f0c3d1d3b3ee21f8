/** Answers of real kernels, recorded by scripts/walls, against those of what was written. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formats } from './formats/index.ts'
import type { FormatName } from './formats/index.ts'
import { plainOf } from './plain.ts'
import { questionText } from './question.ts'
import { isRefusedAnyway, wallPolicy, wallQuestion } from './testing/wall-questions.ts'

const table = readFileSync(join(import.meta.dirname, 'testing/walls.tsv'), 'utf8')
const [head = [], ...rows] = table.trim().split('\n').map((line) => line.split('\t'))

test.each(head.slice(2).map((name, at) => ({ name, at })))('$name', ({ name, at }) => {
  const wall = name.split('@')[0] as FormatName
  const format = formats[wall]
  const answers = format.answers(format.write(plainOf(wallPolicy)))
  const judged = rows.flatMap(([act, argument, ...recorded]) => {
    const line = `${act}\t${argument}`
    const real = recorded[at]!
    return real === '-' || (real === '0' && isRefusedAnyway(wall, line)) ? [] : [{ question: wallQuestion(line), real }]
  })
  expect(judged.length).toBeGreaterThan(480)
  expect(judged.filter(({ question, real }) => answers(question) !== (real === '1'))
    .map(({ question, real }) => `${questionText(question)}: ${real}`)).toEqual([])
})
