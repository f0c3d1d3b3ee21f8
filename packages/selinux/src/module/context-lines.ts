/** The texts of a package as CIL: file contexts, and which user a login has. */
import { ownValue } from '@lsmkit/abi'
import { PolicyError } from '../policydb/errors.ts'
import { checkWord, quoted } from './cil/text.ts'
import type { PolicyPackage } from './package.ts'

const kinds: Readonly<Record<string, string>> = {
  '--': 'file', '-d': 'dir', '-c': 'char', '-b': 'block', '-s': 'socket', '-p': 'pipe', '-l': 'symlink',
}

/** `c0.c5` and `c1,c3` as lists. */
const levelText = (text: string): string => {
  const [sens, cats] = text.split(':')
  if (cats === undefined) return `(${sens})`
  const parts = cats.split(',').map((part) => {
    const [low, high] = part.split('.')
    return high === undefined ? low : `(range ${low} ${high})`
  })
  return `(${sens} (${parts.join(' ')}))`
}

const rangeText = (text: string): string => {
  const [low, high = low] = text.split('-')
  return `(${levelText(low!)} ${levelText(high!)})`
}

const contextText = (text: string, line: number): string => {
  const [user, role, type, ...range] = text.split(':')
  if (!user || !role || !type || /[()";]/.test(text)) {
    throw new PolicyError('not-expressible', `\`${text}\` in line ${line} of the file contexts is not a context`)
  }
  const level = range.join(':')
  return `(${user} ${role} ${type} ${level === '' ? '(systemlow systemlow)' : rangeText(level)})`
}

const numbered = (text: string): [line: string, number: number][] =>
  text.replace(/\0+$/, '').split('\n').map((line, i): [string, number] => [line.trim(), i + 1])
    .filter(([line]) => line !== '' && !line.startsWith('#'))

const linesOf = (text: string): string[] => numbered(text).map(([line]) => line)

/** The lines of file_contexts as statements. */
export const fileContextsToCil = (text: string): string => fileContextLines(text).join('\n')

const fileContextLines = (text: string): string[] => numbered(text).map(([line, number]) => {
  const words = line.split(/\s+/)
  const [path, kind, context] = words.length === 2 ? [words[0], 'any', words[1]!]
    : [words[0], ownValue(kinds, words[1]!) ?? 'any', words[2] ?? '']
  return `(filecon ${quoted(path!)} ${kind} ${context === '<<none>>' ? '()' : contextText(context, number)})`
})

export const packageTextsToCil = ({ fileContexts, users, userPrefixes }: PolicyPackage): string[] => [
  ...fileContextLines(fileContexts),
  ...linesOf(users).map((line) => {
    const [login, user, ...range] = checkWord(line).split(':')
    const level = range.length === 0 ? '(systemlow systemlow)' : rangeText(range.join(':'))
    return login === '__default__' ? `(selinuxuserdefault ${user} ${level})` : `(selinuxuser ${login} ${user} ${level})`
  }),
  ...linesOf(userPrefixes).flatMap((line) => {
    const [, user, prefix] = /^user ([^\s()";]+) prefix ([^\s()";]+);$/.exec(line) ?? []
    return user === undefined ? [] : [`(userprefix ${user} ${prefix})`]
  }),
]
