/** A plan as data for people: which wall holds each line, on a page of at most 80 columns. */
import { oneLine } from '@lsmkit/abi'
import type { Facts } from './facts.ts'
import { gapTable } from './gaps.ts'
import type { GapId } from './gaps.ts'
import type { Line, Plan } from './plan.ts'

export interface NativeExplanation {
  /** Landlock's version here; 0 for none. */
  readonly landlock: number
  readonly arch: string
  readonly lines: readonly Line[]
  /** Ids of lines that are not held and that nobody has accepted. */
  readonly gaps: readonly GapId[]
  readonly accepted: readonly string[]
  /** Why nothing starts here beside gaps: a sentence for each path that cannot be opened, such as one over a link. */
  readonly problems: readonly string[]
}

export const explanationOf = (
  plan: Plan, facts: Facts, accepted: readonly string[], problems: readonly string[],
): NativeExplanation => {
  const { lines, gaps } = plan
  const explained = { landlock: facts.landlock, arch: facts.arch, lines, gaps, accepted, problems }
  return Object.defineProperty(explained, 'toString', { value: () => explanationText(explained) })
}

const COLUMNS = 80
const WALL = 11

/** Words in lines of that length at most. A longer word has a line of its own. */
export const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const lineText = ({ line, walls, note, gap }: Line, accepted: readonly string[]): string[] => {
  const isMissing = gap !== null && !accepted.includes(gap)
  const mark = isMissing ? '!' : ' '
  const more = [note, gap === null ? '' : isMissing ? gapTable[gap].means : `accepted: ${gap}`]
    .filter((one) => one !== '').join('; ')
  const wall = oneLine(walls.join('+'))
  const [first = '', ...rest] = wrapped(oneLine(line), COLUMNS - WALL - 3)
  const notes = more === '' ? [] : wrapped(oneLine(more), COLUMNS - WALL - 5)
  return [
    `${mark} ${wall.padEnd(WALL)} ${first}`, ...rest.map((one) => `${' '.repeat(WALL + 3)}${one}`),
    ...notes.map((one) => `${' '.repeat(WALL + 5)}${one}`),
  ]
}

export const explanationText = (
  { landlock, arch, lines, gaps, accepted, problems }: NativeExplanation,
): string => [
  `Landlock ABI ${landlock}, ${arch}. The wall that holds each line:`,
  ...lines.flatMap((line) => lineText(line, accepted)),
  ...gaps.length === 0 ? ['Every line has a wall, or was accepted.'] : [
    'Not held here, so nothing starts. Accept by name:',
    ...gaps.map((id) => `  --accept ${id}`),
  ],
  ...problems.length === 0 ? [] : ['Nothing starts:', ...problems.flatMap((one) =>
    wrapped(oneLine(one), COLUMNS - 2).map((line) => `  ${line}`))],
].join('\n')
