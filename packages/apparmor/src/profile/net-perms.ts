/** Accesses of sockets and queues in the words of an older policy: bits above 0x7f move to where there is room. */
import { NET_ACCEPT, NET_BIND, NET_GETATTR, NET_GETOPT, NET_LISTEN, NET_SETATTR, NET_SETOPT } from './access-words.ts'

export const packNet = (perms: number): number => (
  (perms & 0x7f) | (perms & (NET_GETATTR | NET_SETATTR)) << 6 | (perms & (NET_ACCEPT | NET_BIND | NET_LISTEN)) >> 4
  | (perms & (NET_SETOPT | NET_GETOPT)) >> 5
) >>> 0

/** More of the string must match before the accesses hold; packed. */
export const PACKED_CONTINUES = 0x10000000
