/** The rules of a profile up to its end, with blocks, conditions, includes, hats and children. */
import { Body, type Prefix, type ProfileNode } from './ast.ts'
import { ProfileError } from './errors.ts'
import type { Token } from './lex.ts'
import { closeBrace, nested } from './parse-braces.ts'
import { applyPrefix } from './parse-file-rule.ts'
import { parseHead } from './parse-head.ts'
import { parseRlimit } from './parse-limits.ts'
import { parsePrefix, wordOf } from './parse-prefix.ts'
import { parseRule } from './parse-rule.ts'
import { parseTest } from './parse-test.ts'
import { parseAbi, parseInclude, type Parser } from './parser.ts'
import type { Scanner } from './scan.ts'
import { meaningOf } from './unescape.ts'

/** `audit { … }`: file rules take the prefix on; everything else in the block is dropped, as apparmor_parser does. */
const parsePrefixedBlock = (parser: Parser, scanner: Scanner, body: Body, prefix: Prefix): void => {
  const place = scanner.place()
  if (prefix.priority !== 0) throw new ProfileError('bad-prefix', 'a block has no priority', place)
  const inner = parseBlock(parser, scanner)
  for (const entry of inner.files) {
    const before = entry.mode
    applyPrefix(entry, prefix)
    if (before !== null && before !== prefix.mode) {
      parser.warn('changed-rule', `the block around it makes \`${before}\` of this rule without effect`, entry.place)
    }
    body.addFile(entry)
  }
  for (const { place: lost } of [...inner.rules, ...inner.capabilities, ...inner.rlimits, ...inner.children]) {
    parser.warn('ignored-rule', 'the rule has no effect: a block with a prefix keeps file rules alone', lost)
  }
}

const parseBlock = (parser: Parser, scanner: Scanner): Body => {
  const open = scanner.expect('rule', '{', '`{`')
  const body = new Body()
  nested(parser, scanner.place(open.start), () => {
    parseRules(parser, scanner, body)
    closeBrace(scanner, scanner.place(open.start))
  })
  return body
}

/** `if` was read. The branch that is taken, or null. */
const parseIf = (parser: Parser, scanner: Scanner): Body | null => {
  const holds = parseTest(parser, scanner)
  const then = parseBlock(parser, scanner)
  if (wordOf(scanner) !== 'else') return holds ? then : null
  scanner.next('rule')
  let otherwise: Body | null = null
  if (wordOf(scanner) === 'if') {
    const place = scanner.place()
    scanner.next('rule')
    nested(parser, place, () => {
      otherwise = parseIf(parser, scanner)
    })
  } else otherwise = parseBlock(parser, scanner)
  return holds ? then : otherwise
}

const parseOne = (parser: Parser, scanner: Scanner, body: Body, token: Token): void => {
  if (token.kind === 'include' || token.kind === 'include-if-exists') {
    parseInclude(parser, scanner, token, (inner) => {
      parseRules(parser, inner, body)
      const rest = inner.peek('rule')
      if (rest.kind !== 'end') throw inner.wants('a rule', rest)
    })
  } else if (token.kind === 'profile' || token.kind === 'hat' || token.kind === '^') {
    const child = parseProfileAt(parser, scanner, token)
    body.children.push(child)
  } else if (token.kind === 'word' && token.text === 'if') {
    scanner.next('rule')
    const taken = parseIf(parser, scanner)
    if (taken === null) return
    for (const { place } of taken.rlimits) parser.warn(
      'ignored-rule', 'a limit inside a condition has no effect', place,
    )
    body.merge(taken)
  } else if (token.kind === 'word' && token.text === 'abi') {
    scanner.next('rule')
    parseAbi(parser, scanner, false)
  } else if (token.kind === 'word' && token.text === 'set') {
    scanner.next('rule')
    body.rlimits.push(parseRlimit(scanner, scanner.place(token.start)))
  } else {
    const prefix = parsePrefix(scanner)
    if (scanner.peek('rule').kind === '{') parsePrefixedBlock(parser, scanner, body, prefix)
    else parseRule(scanner, body, prefix)
  }
}

/** Rules up to the brace that closes them or the end of the file. */
const parseRules = (parser: Parser, scanner: Scanner, body: Body): void => {
  for (let token = scanner.peek('rule'); token.kind !== 'end' && token.kind !== '}'; token = scanner.peek('rule')) {
    parseOne(parser, scanner, body, token)
  }
}

/** A profile, child or hat; `token` is the next one: `profile`, `hat`, `^`, or its name. */
export const parseProfileAt = (parser: Parser, scanner: Scanner, token: Token): ProfileNode => {
  scanner.next('rule')
  const place = scanner.place(token.start)
  const keyword = token.kind === 'profile' || token.kind === 'hat' || token.kind === '^'
  const name = meaningOf(keyword ? scanner.expect('id', 'id', 'the name of the profile').text : token.text)
  const head = parseHead(scanner, name, place)
  if (!keyword && !head.name.startsWith('/') && head.namespace === null) {
    throw new ProfileError('bad-name', `a profile \`${name}\` needs the word \`profile\` before its name`, place)
  }
  const hat = token.kind === 'hat' || token.kind === '^'
  if (hat && head.xattrs !== null && parser.depth > 0) {
    throw new ProfileError('bad-condition', 'hats have no conditions on extended attributes', place)
  }
  const body = new Body()
  let end = place
  nested(parser, place, () => parser.sources.inBlock(() => {
    parseRules(parser, scanner, body)
    end = closeBrace(scanner, place)
  }))
  return { ...head, hat, body, end }
}
