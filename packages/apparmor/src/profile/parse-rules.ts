/** Rules of a profile, with blocks, conditions, hats and children. */
import { didYouMean } from '@lsmkit/core'
import type { RuleMode } from '../dfa/accept.ts'
import { Body, type Prefix, type ProfileNode, type RuleBase } from './ast.ts'
import { ProfileError } from './errors.ts'
import type { Token } from './lex.ts'
import { CLASS_PARSERS } from './parse-class-rules.ts'
import { applyPrefix, parseChangeProfile, parseFileRule, parseLinkRule } from './parse-file-rule.ts'
import { parseHead } from './parse-head.ts'
import { parseMount, parsePivotRoot } from './parse-mount.ts'
import { impliedUnixRules, parseNetwork } from './parse-network.ts'
import { parseCapability, parseRlimit } from './parse-limits.ts'
import { parseAbi, parseInclude, type Parser } from './parser.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'
import { bareName } from './symbols.ts'
import { meaningOf } from './unescape.ts'

const MOST_NESTED = 200
const MODE_WORDS: Readonly<Record<string, RuleMode>> = { allow: 'allow', deny: 'deny', prompt: 'prompt' }
const OWNER_WORDS: Readonly<Record<string, 'owner' | 'other'>> = { owner: 'owner', user: 'owner', other: 'other' }
const MOST_PRIORITY = 1000

const wordOf = (scanner: Scanner): string | null => {
  const token = scanner.peek('rule')
  return token.kind === 'word' ? token.text : null
}

const takeWord = <T>(scanner: Scanner, words: Readonly<Record<string, T>>): T | null => {
  const word = wordOf(scanner)
  if (word === null || !Object.hasOwn(words, word)) return null
  scanner.next('rule')
  return words[word]!
}

const parsePriority = (scanner: Scanner): number => {
  if (scanner.take('rule', 'priority') === null) return 0
  scanner.expect('integer', '=', '`=`')
  const token = scanner.expect('integer', 'value', 'a number')
  const priority = Number(token.text)
  if (Math.abs(priority) <= MOST_PRIORITY) return priority
  throw new ProfileError(
    'bad-value', `a priority is a number from -${MOST_PRIORITY} to ${MOST_PRIORITY}`, scanner.place(token.start),
  )
}

const parsePrefix = (scanner: Scanner): Prefix => ({
  priority: parsePriority(scanner),
  audit: takeWord(scanner, { audit: true }) ?? false,
  mode: takeWord(scanner, MODE_WORDS),
  owner: takeWord(scanner, OWNER_WORDS),
})

/** Words that begin a rule. */
const RULE_WORDS = [
  'capability', 'network', 'mount', 'remount', 'umount', 'unmount', 'pivot_root', 'ptrace', 'signal', 'unix', 'dbus',
  'mqueue',
  'io_uring', 'userns', 'change_profile', 'file', 'link', 'set', 'if', 'all', 'include', 'profile', 'hat', 'audit',
  'deny', 'allow',
  'owner', 'prompt', 'abi',
]

/**
 * What a rule of any class but files begins with. `audit` of a rule that denies means that the denial is not recorded.
 */
const baseOf = (place: Place, prefix: Prefix, word: string): RuleBase => {
  if (prefix.owner !== null) throw new ProfileError('bad-prefix', `${word} rules have no owner`, place)
  return { place, priority: prefix.priority, mode: prefix.mode, audit: prefix.audit !== (prefix.mode === 'deny') }
}

const parseClassRule = (scanner: Scanner, body: Body, word: string, place: Place, prefix: Prefix): boolean => {
  switch (word) {
    case 'capability':
      body.capabilities.push(...parseCapability(scanner, place, prefix))
      return true
    case 'network': {
      const rule = parseNetwork(scanner, baseOf(place, prefix, word))
      body.rules.push(...impliedUnixRules(rule, prefix.audit), rule)
      return true
    }
    case 'mount': case 'remount': case 'umount': case 'unmount':
      body.rules.push(parseMount(scanner, baseOf(place, prefix, word), word === 'unmount' ? 'umount' : word))
      return true
    case 'pivot_root':
      body.rules.push(parsePivotRoot(scanner, baseOf(place, prefix, word)))
      return true
    default:
      if (!Object.hasOwn(CLASS_PARSERS, word)) return false
      body.rules.push(CLASS_PARSERS[word]!(scanner, baseOf(place, prefix, word)))
      return true
  }
}

const parseAll = (scanner: Scanner, body: Body, place: Place, prefix: Prefix): void => {
  scanner.expect('rule', ',', 'a comma behind `all`')
  if (prefix.priority !== 0) throw new ProfileError('bad-prefix', '`all` has no priority', place)
  body.rules.push({ ...baseOf(place, prefix, 'all'), kind: 'all' })
}

/** A rule with what stands in front of it. */
const parseRule = (parser: Parser, scanner: Scanner, body: Body): void => {
  const prefix = parsePrefix(scanner)
  const token = scanner.peek('rule')
  const place = scanner.place(token.start)
  if (token.kind === '{') {
    parsePrefixedBlock(parser, scanner, body, prefix)
    return
  }
  if (token.kind === 'all') {
    scanner.next('rule')
    parseAll(scanner, body, place, prefix)
    return
  }
  const word = token.kind === 'word' ? token.text : null
  if (word === 'link' || word === 'file' || word === 'change_profile') scanner.next('rule')
  else if (word !== null && RULE_WORDS.includes(word) && word !== 'set' && word !== 'if') {
    scanner.next('rule')
    if (parseClassRule(scanner, body, word, place, prefix)) return
    throw misplaced(scanner, token)
  } else if (!['id', 'modes', 'set-variable', 'word'].includes(token.kind)) throw misplaced(scanner, token)
  if (word === 'change_profile') {
    body.addFile(parseChangeProfile(scanner, place, prefix))
    return
  }
  const entry = word === 'link' ? parseLinkRule(scanner, place) : parseUnknownOrFile(scanner, token, word === 'file')
  applyPrefix(entry, prefix)
  body.addFile(entry)
}

/** A word that is no keyword may be a name, but only where permissions follow. */
const parseUnknownOrFile = (scanner: Scanner, token: Token, afterFile: boolean): ReturnType<typeof parseFileRule> => {
  try {
    return parseFileRule(scanner, afterFile)
  } catch (error) {
    const isWord = token.kind === 'word' && !afterFile && token.text !== 'safe' && token.text !== 'unsafe'
    if (!(error instanceof ProfileError) || !isWord) throw error
    const hint = didYouMean(token.text, RULE_WORDS)
    throw new ProfileError('unknown-keyword', `\`${token.text}\` begins no rule`, scanner.place(token.start), { hint })
  }
}

const misplaced = (scanner: Scanner, token: Token): ProfileError => {
  const { message, place } = scanner.wants('a rule', token)
  return new ProfileError('unexpected', message, place, {
    hint: token.kind === 'end' ? 'a brace is not closed' : didYouMean(token.text, RULE_WORDS),
  })
}

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

const nested = (parser: Parser, place: Place, parse: () => void): void => {
  if (parser.depth >= MOST_NESTED) throw new ProfileError('too-deep', 'braces are nested too deep', place)
  parser.depth++
  parse()
  parser.depth--
}

/** Where the brace stands. */
const closeBrace = (scanner: Scanner, open: Place): Place => {
  const token = scanner.next('rule')
  if (token.kind === '}') return scanner.place(token.start)
  throw new ProfileError('unclosed', 'the file ends before `}`', scanner.place(token.start), {
    related: [{ message: 'the brace opens here', place: open }],
  })
}

/** A condition on variables, which is decided at once. */
const parseTest = (parser: Parser, scanner: Scanner): boolean => {
  let negated = false
  while (wordOf(scanner) === 'not') {
    scanner.next('rule')
    negated = !negated
  }
  return parsePlainTest(parser, scanner) !== negated
}

const parsePlainTest = (parser: Parser, scanner: Scanner): boolean => {
  const token = scanner.next('rule')
  const place = scanner.place(token.start)
  if (token.kind === 'boolean') return parser.symbols.boolean(bareName(token.text), place)
  if (token.kind !== 'word' || token.text !== 'defined') throw scanner.wants('a variable, `not` or `defined`', token)
  const variable = scanner.next('rule')
  const name = bareName(variable.text)
  if (variable.kind === 'set-variable') return parser.symbols.isDeclared(name, place)
  // As apparmor_parser: `defined` before a boolean asks for its value.
  if (variable.kind === 'boolean') return parser.symbols.boolean(name, place)
  throw scanner.wants('a variable', variable)
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
  } else parseRule(parser, scanner, body)
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
