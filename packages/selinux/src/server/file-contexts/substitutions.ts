/** Path prefixes that stand for others: lines of `/alias /original` (selabel_sub). */
import { byteText } from './pattern.ts'
import { FileContextsError } from './errors.ts'

interface Substitution {
  readonly from: string
  readonly to: string
}

const SLASH = 0x2f

export class Substitutions {
  /** By the second character, the one behind the root. */
  readonly #lists = new Map<number, Substitution[]>()

  constructor(text: string, file: string) {
    for (const [i, line] of text.split('\n').entries()) {
      const [from = '', to, ...rest] = line.trim().split(/\s+/)
      if (from === '' || from.startsWith('#')) continue
      if (to === undefined || rest.length > 0) {
        throw new FileContextsError('bad-substitution', `\`${line.trim()}\``, file, i + 1, '/ALIAS /ORIGINAL')
      }
      const key = byteText(from).charCodeAt(1)
      const list = this.#lists.get(key) ?? []
      this.#lists.set(key, list)
      list.push({ from: byteText(from), to: byteText(to) })
    }
  }

  /** The first that begins the path, up to a slash or its end, is replaced once. */
  apply(path: string): string {
    const list = this.#lists.get(path.charCodeAt(1))
    if (list === undefined) return path
    for (const { from, to } of list) {
      if (!path.startsWith(from)) continue
      if (path.length === from.length) return to
      if (path.charCodeAt(from.length) === SLASH) return (to === '/' ? '' : to) + path.slice(from.length)
    }
    return path
  }
}
