/** Labels of what no rule creates: initial SIDs, file systems, ports, networks, InfiniBand. */
import type { Statement, Word } from './ast.ts'
import { ipBytes } from '../../ip-bytes.ts'
import { NUMBER, PATH, SIGN, STRING, WORD } from './lex.ts'
import type { Parser } from './parser.ts'

export const sid = (parser: Parser, at: number): Statement => {
  const name = parser.name('an initial SID')
  // Only a context goes on with a name and a colon: the next statement begins with a keyword.
  if (parser.lexer.kind !== WORD || parser.keyword !== null) return { kind: 'sid', name, at }
  return { kind: 'sid_context', name, context: parser.context(), at }
}

export const fsUse = (parser: Parser, behavior: 'xattr' | 'trans' | 'task', at: number): Statement => {
  const name = parser.freeName('a file system')
  const context = parser.context()
  parser.expect(';')
  return { kind: 'fs_use', behavior, name, context, at }
}

export const genfscon = (parser: Parser, at: number): Statement => {
  const name = parser.freeName('a file system')
  const { kind, text, start } = parser.lexer
  if (kind !== PATH && kind !== STRING) return parser.unexpected('a path')
  parser.lexer.next()
  const type = parser.takeSign('-') ? fileType(parser) : null
  return { kind: 'genfscon', name, path: { text, at: start }, type, context: parser.context(), at }
}

/** The letter behind `-`, as ls prints it. */
const fileType = (parser: Parser): Word => {
  const { start, text, kind } = parser.lexer
  if (kind === SIGN && text === '-') {
    parser.lexer.next()
    return { text, at: start }
  }
  return parser.name('a kind of file')
}

/** `n` or `n-m`. */
const numberRange = (parser: Parser, what: string): [number, number] => {
  const low = parser.number(what)
  return [low, parser.takeSign('-') ? parser.number(what) : low]
}

export const portcon = (parser: Parser, at: number): Statement => {
  const protocol = parser.name('a protocol')
  const [low, high] = numberRange(parser, 'a port')
  return { kind: 'portcon', protocol, low, high, context: parser.context(), at }
}

export const netifcon = (parser: Parser, at: number): Statement => {
  const name = parser.freeName('an interface')
  return { kind: 'netifcon', name, context: parser.context(), packet: parser.context(), at }
}

const address = (parser: Parser): Uint8Array => {
  const at = parser.lexer.start
  const bytes = ipBytes(parser.lexer.address())
  if (bytes === null) return parser.fail('bad-value', 'no address of a network', at)
  parser.lexer.next()
  return bytes
}

/** The mask of `bits` bits. */
const maskOf = (bits: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 0xff & ~(0xff >>> Math.min(8, Math.max(0, bits - 8 * i))))

export const nodecon = (parser: Parser, at: number): Statement => {
  const found = address(parser)
  if (parser.lexer.kind === PATH && /^\/\d+$/.test(parser.lexer.text)) {
    const bits = Number(parser.lexer.text.slice(1))
    if (bits > found.length * 8) parser.fail('bad-value', `an address has ${found.length * 8} bits`)
    parser.lexer.next()
    return { kind: 'nodecon', address: found, mask: maskOf(bits, found.length), context: parser.context(), at }
  }
  const mask = address(parser)
  if (mask.length !== found.length) parser.fail('bad-value', 'the address and its mask are of two kinds', at)
  return { kind: 'nodecon', address: found, mask, context: parser.context(), at }
}

export const ibpkeycon = (parser: Parser, at: number): Statement => {
  const prefix = address(parser)
  const [low, high] = numberRange(parser, 'a key')
  return { kind: 'ibpkeycon', prefix: prefix.subarray(0, 8), low, high, context: parser.context(), at }
}

export const ibendportcon = (parser: Parser, at: number): Statement => {
  const name = parser.freeName('a device')
  if (parser.lexer.kind !== NUMBER) parser.unexpected('a port')
  return { kind: 'ibendportcon', name, port: parser.number('a port'), context: parser.context(), at }
}
