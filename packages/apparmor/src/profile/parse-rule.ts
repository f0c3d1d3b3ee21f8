/** One rule of a profile: its class is known by its first word, and without one it is about a file. */
import { didYouMean } from '@lsmkit/core'
import type { Body, Prefix } from './ast.ts'
import { ProfileError } from './errors.ts'
import type { Token } from './lex.ts'
import { CLASS_PARSERS } from './parse-class-rules.ts'
import { applyPrefix, parseChangeProfile, parseFileRule, parseLinkRule } from './parse-file-rule.ts'
import { parseCapability } from './parse-limits.ts'
import { parseMount, parsePivotRoot } from './parse-mount.ts'
import { impliedUnixRules, parseNetwork } from './parse-network.ts'
import { baseOf, RULE_WORDS } from './parse-prefix.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'

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

/** A rule behind its prefix. */
export const parseRule = (scanner: Scanner, body: Body, prefix: Prefix): void => {
  const token = scanner.peek('rule')
  const place = scanner.place(token.start)
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
