/** Answers of real kernels that scripts/walls has recorded, beside those of the models. */
import { formats } from '../formats/index.ts'
import type { FormatName } from '../formats/index.ts'
import { plainOf } from '../plain.ts'
import { questionText } from '../question.ts'
import { isUndecided, wallPolicy, wallQuestion } from './wall-questions.ts'

export interface RecordedWall {
  /** The format, and the kernel behind an at sign. */
  readonly name: string
  /** Questions that the wall has decided. */
  readonly asked: number
  /** Those that the model answers otherwise, as text. */
  readonly differing: readonly string[]
}

/** `table`: the text of walls.tsv. */
export const recordedWalls = (table: string): readonly RecordedWall[] => {
  const [head = [], ...rows] = table.trim().split('\n').map((line) => line.split('\t'))
  return head.slice(2).map((name, at) => {
    const wall = name.split('@')[0] as FormatName
    const format = formats[wall]
    const answers = format.answers(format.write(plainOf(wallPolicy)))
    const judged = rows.flatMap(([act, argument, ...recorded]) => {
      const line = `${act}\t${argument}`
      const real = recorded[at]!
      if (isUndecided(wall, line, real)) return []
      return [{ question: wallQuestion(line), real }]
    })
    const differing = judged.filter(({ question, real }) => answers(question) !== (real === '1'))
      .map(({ question, real }) => `${questionText(question)}: ${real}`)
    return { name, asked: judged.length, differing }
  })
}
