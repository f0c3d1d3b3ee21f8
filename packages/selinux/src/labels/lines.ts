/** The lines of a text that have a meaning, with their places; and words as a shell splits them. */
import { LabelsError } from './errors.ts'

export interface TextLine {
  readonly text: string
  /** `FILE:LINE`. */
  readonly place: string
}

/** Lines of any of these files, more than a system has of them. */
const MOST_LINES = 1_000_000
/** Characters of a line: no record of these files has so many, and expressions take a step for each. */
const LONGEST = 65_536

/** Neither empty lines nor comments. Throws LabelsError `too-many`, `bad-line`. */
export const meaningfulLines = (text: string, file: string): TextLine[] => {
  const lines = text.split('\n', MOST_LINES + 1)
  if (lines.length > MOST_LINES) throw new LabelsError('too-many', `more than ${MOST_LINES} lines`, file)
  return lines.flatMap((line, i) => {
    const place = `${file}:${i + 1}`
    if (line.length > LONGEST) {
      throw new LabelsError('bad-line', `the line has ${line.length} characters, at most ${LONGEST} are taken`, place)
    }
    const trimmed = line.trim()
    return trimmed === '' || trimmed.startsWith('#') ? [] : [{ text: trimmed, place }]
  })
}

const WORD = /(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+|\s+/sy

const unquoted = (word: string): string =>
  word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, (_, single?: string, double?: string, plain?: string) =>
    single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? plain ?? '')

/** Words of a command line: quotes and backslashes as in a shell. Throws LabelsError for a quote that does not end. */
export const shellWords = ({ text, place }: TextLine): string[] => {
  const words: string[] = []
  WORD.lastIndex = 0
  while (WORD.lastIndex < text.length) {
    const at = WORD.lastIndex
    const found = WORD.exec(text)
    if (found === null) throw new LabelsError('bad-line', `the quote at column ${at + 1} does not end`, place)
    if (found[0].trim() !== '') words.push(unquoted(found[0]))
  }
  return words
}
