/** The regular expressions of `regexp` and `patsubst`: GNU's basic ones, matched with a bound on the steps. */
import { isWordCode } from './input.ts'

type Fail = (message: string) => never
export type Spend = (steps: number) => void

interface Node {
  readonly kind: 'set' | 'start' | 'end' | 'edge' | 'inside' | 'group' | 'back'
  /** Of a set: whether a character is in it. */
  readonly test?: (character: string) => boolean
  readonly number?: number
  /** Of a group and of alternatives: what may stand there. */
  readonly options?: readonly (readonly Node[])[]
  readonly least: number
  readonly most: number
}

/** `a-z` of translit and of sets, written out. */
export const expandClasses = (text: string): string[] => {
  const characters = [...text]
  const found: string[] = []
  for (let i = 0; i < characters.length; i++) {
    const [from, to] = [characters[i]!.codePointAt(0)!, characters[i + 2]?.codePointAt(0)]
    if (characters[i + 1] !== '-' || to === undefined) {
      found.push(characters[i]!)
      continue
    }
    const step = to >= from ? 1 : -1
    // A range of all of Unicode is nobody's alphabet.
    for (let code = from, left = 0xffff; code !== to + step && left > 0; code += step, left--) {
      found.push(String.fromCodePoint(code))
    }
    i += 2
  }
  return found
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && isWordCode(character.charCodeAt(0))
const once = { least: 1, most: 1 }
const DEEPEST = 50
/** The cost of a step, in characters that are read again. */
const STEP = 64
/** A part of a text that is matched; deeper ones would end the stack. */
const LONGEST = 2000

class PatternParser {
  readonly #text: string
  readonly #fail: Fail
  #at = 0
  #groups = 0
  #depth = 0

  constructor(text: string, fail: Fail) {
    this.#text = text
    this.#fail = fail
  }

  parse(): readonly (readonly Node[])[] {
    const options = this.#options()
    if (this.#at < this.#text.length) this.#fail('a `\\)` of a pattern has no `\\(`')
    return options
  }

  #options(): Node[][] {
    if (++this.#depth > DEEPEST) this.#fail('groups of a pattern are nested too deeply')
    const options: Node[][] = [[]]
    while (this.#at < this.#text.length) {
      if (this.#text.startsWith('\\)', this.#at)) break
      if (this.#text.startsWith('\\|', this.#at)) {
        this.#at += 2
        options.push([])
      } else this.#item(options.at(-1)!)
    }
    this.#depth--
    return options
  }

  #item(sequence: Node[]): void {
    const character = this.#text[this.#at++]!
    const last = sequence.at(-1)
    if ('*+?'.includes(character) && last !== undefined) {
      const isOnce = last.least === 1 && last.most === 1
      if (!isOnce && last.most === 1 && character === '?') return
      sequence.pop()
      const least = character === '+' && last.least > 0 ? 1 : 0
      sequence.push({ ...last, least, most: character === '?' ? 1 : Infinity })
      return
    }
    sequence.push(this.#atom(character))
  }

  #atom(character: string): Node {
    switch (character) {
      case '.': return { kind: 'set', test: (found) => found !== '\n', ...once }
      case '^': return { kind: 'start', ...once }
      case '$': return { kind: 'end', ...once }
      case '[': return this.#set()
      case '\\': return this.#escape()
      default: return { kind: 'set', test: (found) => found === character, ...once }
    }
  }

  #escape(): Node {
    const character = this.#text[this.#at++] ?? this.#fail('a pattern ends in `\\`')
    switch (character) {
      case '(': {
        const number = ++this.#groups
        const options = this.#options()
        if (!this.#text.startsWith('\\)', this.#at)) this.#fail('a `\\(` of a pattern has no `\\)`')
        this.#at += 2
        return { kind: 'group', number, options, ...once }
      }
      case 'w': return { kind: 'set', test: isWord, ...once }
      case 'W': return { kind: 'set', test: (found) => !isWord(found), ...once }
      case 's': return { kind: 'set', test: (found) => /\s/.test(found), ...once }
      case 'S': return { kind: 'set', test: (found) => /\S/.test(found), ...once }
      case 'b': return { kind: 'edge', ...once }
      case 'B': return { kind: 'inside', ...once }
      case '`': return { kind: 'start', ...once }
      case '\'': return { kind: 'end', ...once }
      default:
        if (/[1-9]/.test(character)) return { kind: 'back', number: Number(character), ...once }
        return { kind: 'set', test: (found) => found === character, ...once }
    }
  }

  #set(): Node {
    const isNot = this.#text[this.#at] === '^'
    if (isNot) this.#at++
    const end = this.#text.indexOf(']', this.#at + 1)
    if (end < 0) this.#fail('a `[` of a pattern has no `]`')
    const members = new Set(expandClasses(this.#text.slice(this.#at, end)))
    this.#at = end + 1
    return { kind: 'set', test: (found) => members.has(found) !== isNot, ...once }
  }
}

export class Match {
  readonly start: number
  readonly end: number
  readonly #text: string
  readonly #groups: readonly (readonly [number, number] | undefined)[]

  constructor(text: string, start: number, end: number, groups: readonly (readonly [number, number] | undefined)[]) {
    this.#text = text
    this.start = start
    this.end = end
    this.#groups = groups
  }

  /** The replacement with `\&` and `\1` filled in. */
  replaced(replacement: string): string {
    return replacement.replace(/\\([\s\S])/g, (_all, what: string) => {
      if (what === '&' || what === '0') return this.#text.slice(this.start, this.end)
      if (!/[1-9]/.test(what)) return what
      const group = this.#groups[Number(what)]
      return group === undefined ? '' : this.#text.slice(group[0], group[1])
    })
  }
}

type Groups = (readonly [number, number] | undefined)[]

export class Pattern {
  readonly #options: readonly (readonly Node[])[]

  constructor(text: string, fail: Fail) {
    this.#options = new PatternParser(text, fail).parse()
  }

  /** The first place at or behind `from` that matches. */
  search(text: string, from: number, spend: Spend): Match | null {
    for (let start = from; start <= text.length; start++) {
      const matcher = new Matcher(text, spend)
      const end = matcher.any(this.#options, start, (at) => at)
      if (end >= 0) return new Match(text, start, end, matcher.groups)
    }
    return null
  }
}

type Next = (at: number) => number

class Matcher {
  groups: Groups = []
  readonly #text: string
  readonly #spend: Spend
  #depth = 0

  constructor(text: string, spend: Spend) {
    this.#text = text
    this.#spend = spend
  }

  /** The longest of the options counts, as POSIX has it. */
  any(options: readonly (readonly Node[])[], at: number, next: Next): number {
    let best = -1
    let bestGroups = this.groups
    const before = this.groups
    for (const option of options) {
      this.groups = before
      const end = this.#sequence(option, 0, at, next)
      if (end > best) [best, bestGroups] = [end, this.groups]
    }
    this.groups = bestGroups
    return best
  }

  #sequence(nodes: readonly Node[], index: number, at: number, next: Next): number {
    this.#spend(STEP)
    const node = nodes[index]
    if (node === undefined) return next(at)
    if (node.kind === 'set') return this.#set(nodes, index, at, next)
    return this.#repeat(node, 0, at, (end) => this.#sequence(nodes, index + 1, end, next))
  }

  /** The most characters first. */
  #set(nodes: readonly Node[], index: number, at: number, next: Next): number {
    const { test, least, most } = nodes[index]!
    let count = 0
    while (count < most && at + count < this.#text.length && test!(this.#text[at + count]!)) count++
    this.#spend(count)
    for (; count >= least; count--) {
      const end = this.#sequence(nodes, index + 1, at + count, next)
      if (end >= 0) return end
    }
    return -1
  }

  #repeat(node: Node, count: number, at: number, next: Next): number {
    this.#spend(STEP)
    if (++this.#depth > LONGEST) {
      this.#depth--
      return -1
    }
    let end = -1
    if (count < node.most) {
      end = this.#one(node, at, (after) =>
        (after === at && count >= node.least ? -1 : this.#repeat(node, count + 1, after, next)))
    }
    if (end < 0 && count >= node.least) end = next(at)
    this.#depth--
    return end
  }

  #one(node: Node, at: number, next: Next): number {
    const text = this.#text
    switch (node.kind) {
      case 'start': return at === 0 || text[at - 1] === '\n' ? next(at) : -1
      case 'end': return at === text.length || text[at] === '\n' ? next(at) : -1
      case 'edge': return isWord(text[at - 1]) !== isWord(text[at]) ? next(at) : -1
      case 'inside': return isWord(text[at - 1]) === isWord(text[at]) ? next(at) : -1
      case 'back': {
        const [from, to] = this.groups[node.number!] ?? [0, 0]
        const found = text.slice(from, to)
        return text.startsWith(found, at) ? next(at + found.length) : -1
      }
      default:
        return this.any(node.options!, at, (end) => {
          const before = this.groups
          this.groups = before.slice()
          this.groups[node.number!] = [at, end]
          const after = next(end)
          if (after < 0) this.groups = before
          return after
        })
    }
  }
}

export const replaceAll = (pattern: Pattern, text: string, replacement: string, spend: Spend): string => {
  let result = ''
  let at = 0
  while (at <= text.length) {
    const found = pattern.search(text, at, spend)
    if (found === null) break
    result += text.slice(at, found.start) + found.replaced(replacement)
    if (found.end > found.start) at = found.end
    else {
      result += text[found.end] ?? ''
      at = found.end + 1
    }
  }
  return result + text.slice(at)
}
