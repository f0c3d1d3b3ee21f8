/** Heads of profiles: name, attachment, conditions on extended attributes, flags. */
import { didYouMean } from '@lsmkit/core'
import type { Condition, ProfileFlags } from './ast.ts'
import { ProfileError } from './errors.ts'
import { parseGroup, parseList } from './parse-conditions.ts'
import { takeName } from './parse-file-rule.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'
import { errorNumber, signalNumber } from './words.ts'

export interface ProfileHead {
  readonly place: Place
  readonly namespace: string | null
  readonly name: string
  readonly attachment: string | null
  readonly xattrs: readonly Condition[] | null
  readonly flags: ProfileFlags
}

const MODES: readonly string[] = ['enforce', 'complain', 'kill', 'unconfined', 'prompt', 'default_allow']
/** Flags of path look-up that exclude each other. */
const PATH_PAIRS: readonly (readonly [string, string])[] = [
  ['chroot_relative', 'namespace_relative'], ['mediate_deleted', 'delegate_deleted'],
  ['attach_disconnected', 'no_attach_disconnected'], ['chroot_attach', 'chroot_no_attach'],
]
const PATH_WORDS = PATH_PAIRS.flat()
const DISCONNECTED = 'attach_disconnected.path='
const KILL_SIGNAL = 'kill.signal='
const ERROR = 'error='
const ALL_WORDS = [...MODES, ...PATH_WORDS, 'audit', 'debug', 'interruptible', DISCONNECTED, KILL_SIGNAL, ERROR]

const noFlags = (): ProfileFlags => ({
  mode: null, audit: false, debug: false, interruptible: false, path: new Set(), disconnected: null, signal: null,
  error: null,
})

/** Sets a flag that has one value; another value conflicts. */
const setOnce = <K extends 'mode' | 'disconnected' | 'signal' | 'error'>(
  flags: ProfileFlags, key: K, value: NonNullable<ProfileFlags[K]>, place: Place,
): void => {
  const old = flags[key]
  if (old !== null && old !== value) {
    throw new ProfileError('flag-conflict', `flag \`${value}\` conflicts with \`${old}\``, place)
  }
  flags[key] = value
}

const numberOf = (word: string, prefix: string, look: (name: string) => number | null, place: Place): number => {
  const value = look(word.slice(prefix.length))
  if (value === null) throw new ProfileError('bad-value', `\`${word}\` names none that is known`, place)
  return value
}

const addFlag = (flags: ProfileFlags, word: string, place: Place): void => {
  if (MODES.includes(word)) setOnce(flags, 'mode', word as NonNullable<ProfileFlags['mode']>, place)
  else if (PATH_WORDS.includes(word)) flags.path.add(word)
  else if (word === 'audit' || word === 'debug' || word === 'interruptible') flags[word] = true
  else if (word.startsWith(DISCONNECTED)) {
    flags.path.add('attach_disconnected')
    setOnce(flags, 'disconnected', word.slice(DISCONNECTED.length), place)
  } else if (word.startsWith(KILL_SIGNAL)) {
    setOnce(flags, 'signal', numberOf(word, KILL_SIGNAL, signalNumber, place), place)
  } else if (word.startsWith(ERROR)) setOnce(flags, 'error', numberOf(word, ERROR, errorNumber, place), place)
  else {
    throw new ProfileError(
      'bad-value', `there is no profile flag \`${word}\``, place, { hint: didYouMean(word, ALL_WORDS) },
    )
  }
  for (const [one, other] of PATH_PAIRS) {
    if (flags.path.has(one) && flags.path.has(other)) {
      throw new ProfileError('flag-conflict', `flags \`${one}\` and \`${other}\` exclude each other`, place)
    }
  }
}

const parseFlags = (scanner: Scanner): ProfileFlags => {
  const flags = noFlags()
  const token = scanner.peek('rule')
  const place = scanner.place(token.start)
  if (token.kind === 'cond') {
    if (token.text !== 'flags') throw scanner.wants('`flags=` or `{`', token)
    scanner.next('rule')
    scanner.expect('condition', '=', '`=`')
    scanner.expect('condition', '(', '`(`')
  } else if (scanner.take('rule', '(') === null) return flags
  const words = parseList(scanner)
  if (words.length === 0) throw new ProfileError('bad-value', 'the list of flags is empty', place)
  for (const [index, word] of words.entries()) {
    // apparmor_parser keeps these two only where they come first.
    if (index === 0 || (word !== 'debug' && word !== 'interruptible')) addFlag(flags, word, place)
  }
  return flags
}

/** `:ns:name` or `:ns://name` in its two parts. */
const splitNamespace = (written: string, place: Place): [string | null, string] => {
  if (written.startsWith('&')) throw new ProfileError('bad-name', 'a profile\'s name does not begin with `&`', place)
  if (!written.startsWith(':')) return [null, nonEmpty(written, place)]
  const end = written.indexOf(':', 1)
  if (end < 0) throw new ProfileError('bad-name', `the namespace of \`${written}\` has no end`, place)
  if (end === 1) throw new ProfileError('bad-name', `the namespace of \`${written}\` is empty`, place)
  const name = written.slice(end + 1)
  return [written.slice(1, end), nonEmpty(name.startsWith('//') ? name.slice(2) : name, place)]
}

const nonEmpty = (name: string, place: Place): string => {
  if (name === '') throw new ProfileError('bad-name', 'a profile has no name', place)
  return name
}

const startsAttachment = (kind: string): boolean => kind === 'id' || kind === 'word' || kind === 'set-variable'

/** `name` was read; reads up to the brace that opens the rules. */
export const parseHead = (scanner: Scanner, written: string, place: Place): ProfileHead => {
  const [namespace, name] = splitNamespace(written, place)
  const attachment = startsAttachment(scanner.peek('rule').kind) ? takeName(scanner, 'an attachment').text : null
  if (attachment !== null && !attachment.startsWith('/') && !attachment.startsWith('@{')) {
    throw new ProfileError(
      'bad-name', `the attachment \`${attachment}\` begins neither with \`/\` nor with a variable`, place,
    )
  }
  const xattrs = parseGroup(scanner, 'rule', 'xattrs')
  const flags = parseFlags(scanner)
  const open = scanner.peek('rule')
  if (open.kind !== '{') throw scanner.wants('`{` and the rules of the profile', open)
  scanner.next('rule')
  return { place, namespace, name, attachment, xattrs: xattrs === null || xattrs.length === 0 ? null : xattrs, flags }
}
