/** Questions to a profile in words, as the strings that its automata match. */
import { ownValue } from '@lsmkit/abi'
import { didYouMean, LsmkitError } from '@lsmkit/core'
import {
  DBUS_WORDS, IO_URING_WORDS, MQUEUE_WORDS, NET_WORDS, PTRACE_WORDS, SIGNAL_WORDS, type AccessWords,
} from '../profile/access-words.ts'
import { MOUNT_OPTIONS } from '../profile/mount-flags.ts'
import { packNet } from '../profile/net-perms.ts'
import { fromName } from '../profile/place.ts'
import { socketsNamed } from '../profile/sockets.ts'
import { capabilityNames, capabilityNumber, signalNames, signalNumber } from '../profile/words.ts'

/** A question to one of the automata. */
export type Question =
  | { readonly kind: 'capability', readonly number: number, readonly text: string }
  | {
    readonly kind: 'file' | 'rule'
    /** Bytes. */
    readonly symbols: readonly number[]
    /** Bits in the words of rules; of files the seven of one side. */
    readonly asked: number
    readonly text: string
  }

/** A question that cannot be asked. */
export class QuestionError extends LsmkitError<'bad-question'> {}

const bad = (message: string, hint: string | null = null): never => {
  throw new QuestionError('bad-question', message, { hint })
}

const bytesOf = (text: string): number[] => [...fromName(text)].map((character) => character.charCodeAt(0))
const word = (number: number): number[] => [number >> 8 & 0xff, number & 0xff]

const LETTERS = 'xwralkm'

const filePerms = (letters: string): number => [...letters].reduce((bits, letter) => {
  const index = LETTERS.indexOf(letter)
  if (index < 0) {
    bad(`\`${letter}\` is not a permission of files`, 'r read, w write, a append, x execute, m map, k lock, l link')
  }
  // What writes appends too.
  return bits | 1 << index | (letter === 'w' ? 1 << LETTERS.indexOf('a') : 0)
}, 0)

const access = (name: string | undefined, words: AccessWords): number => {
  if (name !== undefined && Object.hasOwn(words, name)) return words[name]!
  return bad(`\`${name ?? ''}\` is not an access of this class`, didYouMean(name ?? '', Object.keys(words))
    ?? `accesses are ${Object.keys(words).join(', ')}`)
}

type Asker = (words: readonly string[]) => Question

const rule = (symbols: readonly number[], asked: number, words: readonly string[]): Question =>
  ({ kind: 'rule', symbols, asked, text: words.join(' ') })

const network: Asker = (words) => {
  const [family = '', type = 'stream', name = 'create'] = words
  const sockets = [...socketsNamed(family, type)]
  if (sockets.length === 0) bad(`there is no socket \`${family} ${type}\``)
  const [number, { types }] = sockets[0]!
  const symbols = [14, ...word(number), ...word(31 - Math.clz32(types & -types))]
  return rule(symbols, packNet(access(name, NET_WORDS)), words)
}

const signal: Asker = (words) => {
  const [name, which = '', peer = ''] = words
  const number = signalNumber(which) ?? bad(`there is no signal \`${which}\``, didYouMean(which, signalNames))
  return rule([10, number as number, ...bytesOf(peer)], access(name, SIGNAL_WORDS), words)
}

const ptrace: Asker = (words) => rule([16, 9, ...bytesOf(words[1] ?? '')], access(words[0], PTRACE_WORDS), words)

const flagBytes = (options: string): number[] => {
  const flags = options === '' ? 0 : options.split(',').reduce((bits, option) => (
    bits | (MOUNT_OPTIONS.get(option)?.set ?? bad(`there is no mount option \`${option}\``) as never)
  ), 0)
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (flags & 1 << bit) !== 0).map((bit) => bit + 1)
}

const mount: Asker = (words) => {
  const [source = '', point = '', type = '', options = ''] = words
  const symbols = [7, ...bytesOf(point), 0, ...bytesOf(source), 0, ...bytesOf(type), 0, ...flagBytes(options)]
  return rule(symbols, 2, words)
}

/** Sockets of the kernel's own: 6.12 asks for the family and the type alone. */
const unix: Asker = ([type = 'stream', name = 'create']) => network(['unix', type, name])

/** The parts of a message, each behind a NUL; binding needs the first two, listening in the first alone. */
const DBUS_PARTS: Readonly<Record<string, number>> = { bind: 2, eavesdrop: 1 }

const dbus: Asker = (words) => {
  const [name = '', bus = '', service = '', path = '', face = '', member = '', peer = 'unconfined'] = words
  const asked = access(name, DBUS_WORDS)
  const parts = [bus, service, peer, path, face, member].slice(0, ownValue(DBUS_PARTS, name) ?? 6)
  const symbols = parts.flatMap((part, index) => index === 0 ? bytesOf(part) : [0, ...bytesOf(part)])
  return rule([32, ...symbols], asked, words)
}

const mqueue: Asker = (words) => {
  const [name, queue = '', label] = words
  const behind = label === undefined ? [] : [0, ...bytesOf(label)]
  return rule([17, ...bytesOf(queue), ...behind], packNet(access(name, MQUEUE_WORDS)), words)
}

const capability: Asker = (words) => {
  const [name = ''] = words
  const number = capabilityNumber(name) ?? bad(
    `there is no capability \`${name}\``, didYouMean(name, capabilityNames()),
  )
  return { kind: 'capability', number: number as number, text: name }
}

const askers: Readonly<Record<string, Asker>> = {
  file: (words) => (
    { kind: 'file', symbols: bytesOf(words[0] ?? ''), asked: filePerms(words[1] ?? 'r'), text: words.join(' ') }
  ),
  capability, network, unix, signal, ptrace, mount, dbus, mqueue,
  umount: (words) => rule([7, ...bytesOf(words[0] ?? '')], 4, words),
  pivot_root: (words) => rule([7, ...bytesOf(words[0] ?? ''), 0, ...bytesOf(words[1] ?? '')], 1, words),
  userns: (words) => rule([21], 8, words),
  io_uring: (words) => rule([22, ...bytesOf(words[1] ?? '')], access(words[0], IO_URING_WORDS), words),
  change_profile: (words) => ({
    kind: 'file', symbols: bytesOf(words[0] ?? ''), asked: 0x80000000, text: words.join(' '),
  }),
}

/** Classes that can be asked about, each with the words that it takes. */
export const questionForms: Readonly<Record<string, string>> = {
  file: 'PATH [rwaxmkl]', capability: 'NAME', network: 'FAMILY [TYPE [ACCESS]]', signal: 'send|receive SIGNAL PEER',
  ptrace: 'read|trace|readby|tracedby PEER', mount: 'SOURCE POINT TYPE [OPTIONS]', umount: 'POINT',
  dbus: 'send|receive BUS NAME PATH INTERFACE MEMBER [PEER], bind BUS NAME, eavesdrop BUS',
  mqueue: 'create|open|delete|getattr|setattr|read|write NAME [LABEL]', unix: '[TYPE [ACCESS]]',
  pivot_root: 'NEW OLD', userns: '', io_uring: 'sqpoll|override_creds [PEER]', change_profile: 'PROFILE',
}

/** Throws `QuestionError`. */
export const questionOf = (name: string, words: readonly string[]): Question => {
  const asker = Object.hasOwn(askers, name) ? askers[name]! : undefined
  if (asker === undefined) {
    return bad(`nothing can be asked of class \`${name}\``, didYouMean(name, Object.keys(askers)))
  }
  return asker(words)
}
