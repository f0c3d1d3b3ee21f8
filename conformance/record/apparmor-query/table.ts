/** Questions as the player reads them, and the recorded table made of them and of its answers. */
import type { Question } from './questions.ts'
import { percentBytes, percentText } from '../../src/apparmor/percent.ts'

const LABEL = percentText(new TextEncoder().encode('label\0'))
const NUL = '%00'

export const questionLine = ({ label, bytes, owner }: Question): string => {
  const text = label === null ? percentText(bytes) : `${LABEL}${percentText(label)}${NUL}${percentText(bytes)}`
  return `${owner ? 'owner' : 'other'} ${text}`
}

const CLASS_NAMES = [
  'none', '1', 'file', 'cap', 'net_old', 'rlimits', 'domain', 'mount', '8', 'ptrace_old', 'signal', 'xmatch', '12', '13',
  'net', '15', 'label', 'posix_mqueue', '18', 'module', 'display_lsm', 'namespace', 'io_uring',
] as const

const className = (query: string): string => {
  const [first] = percentBytes(query)
  if (first === undefined) return 'empty'
  if (first === 31) return 'x'
  return first === 32 ? 'dbus' : CLASS_NAMES[first] ?? String(first)
}

const TABLE_HEADER = ['set', 'label', 'class', 'as', 'query', 'allow', 'deny', 'audit', 'quiet'].join('\t')

const answerCells = (answer: string): readonly string[] => {
  if (answer.startsWith('data ')) return [`data:${Buffer.from(percentBytes(answer.slice(5))).toString('hex')}`, '', '', '']
  const words = answer.split(' ')
  if (words.length !== 4) return [answer, '', '', '']
  return words.map((word) => `0x${word.padStart(8, '0')}`)
}

const rowCells = (set: string, line: string, answer: string): readonly string[] => {
  const [as = '', text = ''] = line.split(' ')
  const parts = text.split(NUL)
  const isPlain = text.startsWith(LABEL) && parts.length > 2
  const query = isPlain ? parts.slice(2).join(NUL) : text
  const label = isPlain ? parts[1]! : '-'
  return [set, label, isPlain ? className(query) : 'raw', as, query, ...answerCells(answer)]
}

export interface Merged {
  readonly rows: readonly string[]
  /** Sets that the kernel refused, with its errno. */
  readonly refused: readonly (readonly [set: string, errno: string])[]
}

/** Questions about a binary that the kernel did not take are left out. */
export const mergeAnswers = (questions: readonly string[], answers: readonly string[]): Merged => {
  const rows = [TABLE_HEADER]
  const refused: [string, string][] = []
  let set: string | null = null
  for (const [i, line] of questions.entries()) {
    const answer = answers[i] ?? ''
    const loads = /^load (.*)\/[^/]*$/u.exec(line)?.[1]
    if (loads === undefined) {
      if (set !== null) rows.push(rowCells(set, line, answer).join('\t'))
      continue
    }
    set = answer === 'OK' ? loads : null
    if (set === null) refused.push([loads, answer])
  }
  return { rows, refused }
}
