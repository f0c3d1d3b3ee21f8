/** The words in front of a rule: priority, audit, allow or deny, owner; and the words that rules begin with. */
import type { RuleMode } from '../dfa/mark.ts'
import type { Prefix, RuleBase } from './ast.ts'
import { ProfileError } from './errors.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'

const MODE_WORDS: Readonly<Record<string, RuleMode>> = { allow: 'allow', deny: 'deny', prompt: 'prompt' }
const OWNER_WORDS: Readonly<Record<string, 'owner' | 'other'>> = { owner: 'owner', user: 'owner', other: 'other' }
const MOST_PRIORITY = 1000

/** The next token, if it is a word. */
export const wordOf = (scanner: Scanner): string | null => {
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

export const parsePrefix = (scanner: Scanner): Prefix => ({
  priority: parsePriority(scanner),
  audit: takeWord(scanner, { audit: true }) ?? false,
  mode: takeWord(scanner, MODE_WORDS),
  owner: takeWord(scanner, OWNER_WORDS),
})

/** Words that begin a rule. */
export const RULE_WORDS = [
  'capability', 'network', 'mount', 'remount', 'umount', 'unmount', 'pivot_root', 'ptrace', 'signal', 'unix', 'dbus',
  'mqueue',
  'io_uring', 'userns', 'change_profile', 'file', 'link', 'set', 'if', 'all', 'include', 'profile', 'hat', 'audit',
  'deny', 'allow',
  'owner', 'prompt', 'abi',
]

/**
 * The start of a rule of any class but files. `audit` of a rule that denies means that the denial is not recorded.
 */
export const baseOf = (place: Place, prefix: Prefix, word: string): RuleBase => {
  if (prefix.owner !== null) throw new ProfileError('bad-prefix', `${word} rules have no owner`, place)
  return { place, priority: prefix.priority, mode: prefix.mode, audit: prefix.audit !== (prefix.mode === 'deny') }
}
