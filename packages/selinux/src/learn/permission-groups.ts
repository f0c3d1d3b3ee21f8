/** Permissions that are of use together: who may read a file needs to open it and see what it is. */

interface Group {
  readonly classes: readonly string[]
  /** One of these was asked for … */
  readonly when: readonly string[]
  /** … then all of these are meant. */
  readonly then: readonly string[]
}

const files = ['file', 'lnk_file', 'chr_file', 'blk_file', 'sock_file', 'fifo_file']
const sockets = [
  'tcp_socket', 'udp_socket', 'unix_stream_socket', 'unix_dgram_socket', 'netlink_route_socket', 'rawip_socket',
  'packet_socket',
]

const groups: readonly Group[] = [
  { classes: files, when: ['read'], then: ['getattr', 'open', 'read'] },
  { classes: files, when: ['write'], then: ['append', 'getattr', 'lock', 'open', 'write'] },
  { classes: files, when: ['append'], then: ['append', 'getattr', 'open'] },
  { classes: files, when: ['create'], then: ['create', 'getattr', 'open', 'setattr', 'write'] },
  { classes: ['file'], when: ['execute'], then: ['execute', 'getattr', 'map', 'open', 'read'] },
  { classes: ['dir'], when: ['read'], then: ['getattr', 'open', 'read', 'search'] },
  { classes: ['dir'], when: ['add_name', 'remove_name'],
    then: ['add_name', 'getattr', 'open', 'read', 'remove_name', 'search', 'write'] },
  { classes: sockets, when: ['create'],
    then: ['bind', 'connect', 'create', 'getattr', 'getopt', 'read', 'setopt', 'write'] },
]

/** The permissions that go with those asked for, including them. */
export const groupsOf = (tclass: string, asked: ReadonlySet<string>): string[] => {
  const found = new Set<string>()
  for (const { classes, when, then } of groups) {
    if (classes.includes(tclass) && when.some((name) => asked.has(name))) for (const name of then) found.add(name)
  }
  return [...found]
}
