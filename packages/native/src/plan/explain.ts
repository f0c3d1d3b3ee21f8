/** What a plan became, as data and as a page of at most 80 columns. */
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
  /** What is not held and nobody has accepted. */
  readonly gaps: readonly GapId[]
  readonly accepted: readonly string[]
}

export const explanationOf = (plan: Plan, facts: Facts, accepted: readonly string[]): NativeExplanation => {
  const { lines, gaps } = plan
  const explained = { landlock: facts.landlock, arch: facts.arch, lines, gaps, accepted }
  return Object.defineProperty(explained, 'toString', { value: () => explanationText(explained) })
}

const COLUMNS = 80
const WALL = 11

/** Words in lines that are no longer than that, but for a word that is. */
const wrapped = (text: string, width: number): string[] => {
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
  const first = `${mark} ${wall.padEnd(WALL)} ${oneLine(line)}`
  return [first, ...more === '' ? [] : wrapped(oneLine(more), COLUMNS - WALL - 7).map((one) => `${' '.repeat(WALL + 5)}${one}`)]
}

export const explanationText = ({ landlock, arch, lines, gaps, accepted }: NativeExplanation): string => [
  `Landlock ABI ${landlock}, ${arch}. The wall that holds each line:`,
  ...lines.flatMap((line) => lineText(line, accepted)),
  ...gaps.length === 0 ? ['Every line has a wall, or was accepted.'] : [
    'Not held here, so nothing starts. Accept by name:',
    ...gaps.map((id) => `  --accept ${id}`),
  ],
].join('\n')
