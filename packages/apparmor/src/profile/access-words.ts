/** Accesses of rules that are not file rules: the words of each class, and their bits. */
import { didYouMean } from '@lsmkit/core'
import { ProfileError } from './errors.ts'
import type { Place } from './place.ts'

export type AccessWords = Readonly<Record<string, number>>

export const NET_SEND = 0x2
export const NET_RECEIVE = 0x4
export const NET_CREATE = 0x10
export const NET_SHUTDOWN = 0x20
export const NET_CONNECT = 0x40
export const NET_SETATTR = 0x100
export const NET_GETATTR = 0x200
export const NET_ACCEPT = 0x100000
export const NET_BIND = 0x200000
export const NET_LISTEN = 0x400000
export const NET_SETOPT = 0x1000000
export const NET_GETOPT = 0x2000000
export const CONT_MATCH = 0x8000000

export const NET_WORDS: AccessWords = {
  create: NET_CREATE, bind: NET_BIND, listen: NET_LISTEN, accept: NET_ACCEPT, connect: NET_CONNECT,
  shutdown: NET_SHUTDOWN,
  getattr: NET_GETATTR, setattr: NET_SETATTR, getopt: NET_GETOPT, setopt: NET_SETOPT,
  send: NET_SEND, write: NET_SEND, receive: NET_RECEIVE, read: NET_RECEIVE,
}
export const ALL_NET = CONT_MATCH | Object.values(NET_WORDS).reduce((all, bits) => all | bits, 0)
/** Accesses of one socket alone. */
export const LOCAL_NET = NET_CREATE | NET_SHUTDOWN | NET_SETATTR | NET_GETATTR | NET_BIND | NET_ACCEPT | NET_LISTEN
  | NET_SETOPT | NET_GETOPT
/** Accesses between two sockets. */
export const PEER_NET = ALL_NET & ~(LOCAL_NET & ~NET_ACCEPT)

export const SIGNAL_WORDS: AccessWords = { send: 2, write: 2, receive: 4, read: 4 }
export const PTRACE_WORDS: AccessWords = { trace: 0x2, write: 0x2, read: 0x4, tracedby: 0x8, readby: 0x10 }
export const DBUS_SEND = 0x2
export const DBUS_RECEIVE = 0x4
export const DBUS_EAVESDROP = 0x20
export const DBUS_BIND = 0x40
export const DBUS_WORDS: AccessWords = {
  bind: DBUS_BIND, send: DBUS_SEND, write: DBUS_SEND, receive: DBUS_RECEIVE, read: DBUS_RECEIVE,
  eavesdrop: DBUS_EAVESDROP,
}
export const MQUEUE_WORDS: AccessWords = {
  create: 0x10, open: 0x40, delete: 0x20, getattr: 0x200, setattr: 0x100, write: 0x2, read: 0x4,
}
export const USERNS_WORDS: AccessWords = { create: 0x8 }
export const OVERRIDE_CREDS = 0x8
export const IO_URING_WORDS: AccessWords = { override_creds: OVERRIDE_CREDS, sqpoll: 0x10 }

export const allAccesses = (words: AccessWords): number => Object.values(words).reduce((all, bits) => all | bits, 0)

/** `r`, `w` and their combinations, in any case. */
const LETTERS = /^[rw]+$/iu

/** The bits of one word. Words of classes without `r` and `w` that are unknown mean nothing, as in apparmor_parser. */
export const accessBits = (words: AccessWords, word: string, place: Place): number => {
  if (Object.hasOwn(words, word)) return words[word]!
  const lettered = words.read !== undefined && words.write !== undefined
  if (lettered && LETTERS.test(word)) return (/r/iu.test(word) ? 0x4 : 0) | (/w/iu.test(word) ? 0x2 : 0)
  if (!lettered) return 0
  throw new ProfileError('bad-permissions', `\`${word}\` is not an access of this rule`, place, {
    hint: didYouMean(word, Object.keys(words)) ?? `accesses are ${Object.keys(words).join(', ')}`,
  })
}
