/** Policy in words: names in lists, classes as nouns, permissions as verbs. */
import { ownValue } from '@lsmkit/abi'

/** What objects of a class are called; of another class they are `NAME objects`. */
const nouns: Readonly<Record<string, string>> = {
  file: 'files', dir: 'directories', lnk_file: 'symbolic links', chr_file: 'character devices',
  blk_file: 'block devices', sock_file: 'socket files', fifo_file: 'pipes', process: 'processes',
  filesystem: 'file systems', fd: 'open files', tcp_socket: 'TCP sockets', udp_socket: 'UDP sockets',
  rawip_socket: 'raw sockets', unix_stream_socket: 'stream sockets', unix_dgram_socket: 'datagram sockets',
  packet_socket: 'packet sockets', netlink_route_socket: 'routing sockets', shm: 'shared memory', sem: 'semaphores',
  msgq: 'message queues', msg: 'messages', key: 'keys', packet: 'packets', node: 'nodes', netif: 'network interfaces',
  bpf: 'BPF objects', service: 'services',
}

/** `a`, `a and b`, `a, b and c`. */
const joined = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const SHOWN = 4

/** Of many only the first few. */
export const listed = (names: readonly string[]): string => names.length <= SHOWN ? joined(names)
  : `${names.slice(0, SHOWN - 1).join(', ')} and ${names.length - SHOWN + 1} more`

/** An operation and its object. */
export interface AccessPhrase {
  /** Null: the one who does it, itself. */
  readonly targets: string | null
  readonly classes: readonly string[]
  readonly permissions: readonly string[]
}

const isCapability = (tclass: string): boolean => /^cap(ability2?|2?_userns)$/.test(tclass)

/** `write user_home_t files`; changing a domain and using a capability have words of their own. */
export const deedText = ({ targets, classes, permissions }: AccessPhrase): string => {
  const verbs = joined(permissions)
  if (targets === null && classes.every(isCapability)) return `use ${verbs}`
  if (targets !== null && classes.join() === 'process') {
    if (verbs === 'transition') return `become ${targets} on exec`
    if (verbs === 'dyntransition') return `become ${targets} at any time`
  }
  return `${verbs} ${targets ?? 'its own'} ${nounsOf(classes)}`
}

/** Classes without a noun of their own share one. */
const nounsOf = (classes: readonly string[]): string => {
  const own = classes.flatMap((tclass) => ownValue(nouns, tclass) ?? [])
  const others = classes.filter((tclass) => ownValue(nouns, tclass) === undefined)
  return joined([...own, ...others.length === 0 ? [] : [`${listed(others)} objects`]])
}
