/** Reads the parenthesised text of wast files: lists with what they hold, and the text that they are. */

export type Node = string | Text | List

/** A string, as its bytes. */
export interface Text {
  readonly bytes: Uint8Array
}

export interface List {
  readonly items: readonly Node[]
  readonly source: string
}

const SPACE = /\s/
const END = /[\s()";]/
const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '"': 34, "'": 39, '\\': 92 }
const encoder = new TextEncoder()

class Reader {
  readonly source: string
  at = 0

  constructor(source: string) {
    this.source = source
  }
}

const skipBlockComment = (reader: Reader): void => {
  let depth = 0
  do {
    if (reader.source.startsWith('(;', reader.at)) depth += 1
    else if (reader.source.startsWith(';)', reader.at)) depth -= 1
    else {
      reader.at += 1
      continue
    }
    reader.at += 2
  } while (depth > 0 && reader.at < reader.source.length)
}

const skip = (reader: Reader): void => {
  const { source } = reader
  for (;;) {
    if (source.startsWith(';;', reader.at)) {
      const end = source.indexOf('\n', reader.at)
      reader.at = end < 0 ? source.length : end
    } else if (source.startsWith('(;', reader.at)) skipBlockComment(reader)
    else if (reader.at < source.length && SPACE.test(source[reader.at]!)) reader.at += 1
    else return
  }
}

const escaped = (reader: Reader): Uint8Array => {
  const { source } = reader
  const unicode = /^u\{([0-9a-fA-F_]+)\}/.exec(source.slice(reader.at, reader.at + 16))
  if (unicode !== null) {
    reader.at += unicode[0].length
    return encoder.encode(String.fromCodePoint(Number.parseInt(unicode[1]!.replaceAll('_', ''), 16)))
  }
  const known = Object.hasOwn(ESCAPES, source[reader.at]!) ? ESCAPES[source[reader.at]!] : undefined
  reader.at += known === undefined ? 2 : 1
  return Uint8Array.of(known ?? Number.parseInt(source.slice(reader.at - 2, reader.at), 16))
}

const string = (reader: Reader): Text => {
  const { source } = reader
  const bytes: number[] = []
  reader.at += 1
  while (source[reader.at] !== '"') {
    if (reader.at >= source.length) throw new Error('a string without its end')
    if (source[reader.at] === '\\') {
      reader.at += 1
      bytes.push(...escaped(reader))
      continue
    }
    const character = String.fromCodePoint(source.codePointAt(reader.at)!)
    bytes.push(...encoder.encode(character))
    reader.at += character.length
  }
  reader.at += 1
  return { bytes: Uint8Array.from(bytes) }
}

const node = (reader: Reader): Node => {
  const { source } = reader
  const start = reader.at
  if (source[start] === '"') return string(reader)
  if (source[start] !== '(') {
    while (reader.at < source.length && !END.test(source[reader.at]!)) reader.at += 1
    if (reader.at === start) throw new Error(`a character that begins nothing: ${source[start]}`)
    return source.slice(start, reader.at)
  }
  reader.at += 1
  const items: Node[] = []
  for (skip(reader); source[reader.at] !== ')'; skip(reader)) {
    if (reader.at >= source.length) throw new Error('a list without its end')
    items.push(node(reader))
  }
  reader.at += 1
  return { items, source: source.slice(start, reader.at) }
}

/** The lists of a file, in order. */
export const readLists = (source: string): List[] => {
  const reader = new Reader(source)
  const lists: List[] = []
  for (skip(reader); reader.at < source.length; skip(reader)) {
    const read = node(reader)
    if (typeof read === 'string' || 'bytes' in read) throw new Error('a directive that is not a list')
    lists.push(read)
  }
  return lists
}

export const isList = (value: Node | undefined): value is List =>
  typeof value === 'object' && 'items' in value

export const textOf = (value: Node | undefined): string => {
  if (typeof value !== 'object' || !('bytes' in value)) throw new Error('a string is missing')
  return new TextDecoder().decode(value.bytes)
}
