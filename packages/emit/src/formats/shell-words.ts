/** Words as a shell of POSIX reads them, written and read. */
import { badFile } from '../emit-error.ts'

export const shellWord = (word: string): string =>
  (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`)

/** Bare characters, quotes and escapes; the blanks before it are passed over already. */
const WORD = /(?:[^\s'"\\]|'[^']*'|"(?:[^"\\$`]|\\[\s\S])*"|\\[\s\S])+/y

const unquoted = (word: string): string =>
  word.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single?: string, double?: string, one?: string) =>
    single ?? double?.replace(/\\(["\\$`])/g, '$1').replaceAll('\\\n', '') ?? (one === '\n' ? '' : one ?? ''))

/** Comments and line ends between words are passed over; a `$` is not explained. Throws EmitError. */
export const shellWords = (text: string, place: string): string[] => {
  const words: string[] = []
  for (let at = 0; at < text.length;) {
    const blank = /(?:\s|\\\n|#[^\n]*)+/y
    blank.lastIndex = at
    at += blank.exec(text)?.[0].length ?? 0
    if (at >= text.length) break
    WORD.lastIndex = at
    const word = WORD.exec(text)?.[0]
    if (word === undefined) throw badFile(place, `\`${text.slice(at, at + 20)}\` is a quote without an end`)
    if (/[$`]/.test(word.replace(/'[^']*'|\\[\s\S]/g, ''))) {
      throw badFile(place, `\`${word}\` depends on the shell`, 'write what it stands for')
    }
    words.push(unquoted(word))
    at += word.length
  }
  return words
}
