/**
 * Flows that must not be, a line each: `FROM -> TO`, `domain FROM -> TO` for chains of domain transitions; behind it
 * `except A B` for labels that may carry it, `min-weight N`, `steps N`. `#` begins a comment.
 */
import { LsmkitError } from '../../errors.ts'

export interface FlowAssertion {
  readonly line: number
  readonly text: string
  readonly kind: 'flow' | 'domain'
  readonly from: string
  readonly to: string
  readonly except: readonly string[]
  readonly minWeight: number | null
  readonly steps: number | null
}

/** The place is `line 3`. */
export class AssertionError extends LsmkitError<'bad-assertion'> {}

/** Throws AssertionError for the first line that is not an assertion. */
export const parseAssertions = (text: string): FlowAssertion[] => text.split('\n').flatMap((raw, i) => {
  const words = raw.replace(/(^|\s)#.*/, '').trim().split(/\s+/).filter((word) => word !== '')
  return words.length === 0 ? [] : [parseLine(words, i + 1)]
})

const fault = (line: number, message: string, hint: string | null = null): AssertionError =>
  new AssertionError('bad-assertion', message, { place: `line ${line}`, hint })

const parseLine = (words: readonly string[], line: number): FlowAssertion => {
  const kind = words[0] === 'domain' && words[1] !== '->' ? 'domain' : 'flow'
  const [from, arrow, to, ...rest] = kind === 'domain' ? words.slice(1) : words
  if (from === undefined || to === undefined || arrow !== '->') {
    throw fault(line, `\`${words.join(' ')}\` is not an assertion`, 'write `FROM -> TO`, or `domain FROM -> TO`')
  }
  return { line, text: words.join(' '), kind, from, to, ...limitsOf(rest, line) }
}

/** Options by their word: one number each, but `except`, which takes all words up to the next option. */
const limitsOf = (words: readonly string[], line: number): Pick<FlowAssertion, 'except' | 'minWeight' | 'steps'> => {
  const found: { except: string[]; minWeight: number | null; steps: number | null } =
    { except: [], minWeight: null, steps: null }
  for (let i = 0; i < words.length;) {
    const word = words[i++]
    if (word === 'except') {
      const start = i
      while (i < words.length && words[i] !== 'min-weight' && words[i] !== 'steps') i++
      if (i === start) throw fault(line, '`except` names no label')
      found.except.push(...words.slice(start, i))
    } else if (word === 'min-weight') found.minWeight = numberOf(word, words[i++], line, 10)
    else if (word === 'steps') found.steps = numberOf(word, words[i++], line, 100)
    else throw fault(line, `\`${word}\` is not known here`, 'known: except A B, min-weight N, steps N')
  }
  return found
}

const numberOf = (word: string, text: string | undefined, line: number, most: number): number => {
  const value = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || value < 1 || value > most) {
    throw fault(line, `\`${word}\` takes a number from 1 to ${most}`)
  }
  return value
}
