/** The parts of a policy that a kernel may be unable to hold, by the ids that `accept` takes. */

interface Gap {
  /** Completes: "not held: …". */
  readonly means: string
  /** What `accept` does. */
  readonly accepting: 'does without' | 'opens'
}

const without = (means: string): Gap => ({ means, accepting: 'does without' })
const opens = (means: string): Gap => ({ means, accepting: 'opens' })

/** In the order in which they are shown. */
export const gapTable = {
  landlock: without('this kernel has no Landlock, so no path, port or signal is held'),
  truncate: without('files outside of `write` can be cut (Landlock before ABI 3)'),
  'ioctl-dev': without('devices take any ioctl (Landlock before ABI 5)'),
  'tcp-ports': without('TCP reaches any port (Landlock before ABI 4)'),
  'unix-paths': without('UNIX sockets outside of `write` can be connected to (Landlock before ABI 9)'),
  'unix-abstract': without('abstract UNIX sockets of the host can be connected to (Landlock before ABI 6)'),
  signals: without('processes of the same user can be sent signals (Landlock before ABI 6)'),
  hosts: without('without a proxy: ports of `hosts` are held, their names and addresses are not'),
  datagrams: without('hosts of UDP are not reached: a proxy speaks HTTP and SOCKS over TCP'),
  udp: opens('UDP sockets, which look-ups of names need'),
  attributes: opens('modes, owners, times and attributes of all files that the user owns'),
  'attribute-reads': opens('extended attributes of all files that the user may read'),
  'file-events': opens('names and times of changes in all folders that the user may read (inotify)'),
  leftovers: without('processes that leave their group outlive the program (no list of children in /proc)'),
  processes: without('the number of processes is not limited: root, and no cgroup to make one in'),
  files: without('the size of each file is limited, not the sum of all'),
  inodes: without('the number of files is not limited'),
  connections: without('the number of connections is not limited'),
  traffic: without('the bytes of connections are not counted'),
  user: without('the program runs as the user that starts it'),
  label: without('the program has no label'),
  modules: without('modules of the policy are not asked'),
  'file-labels': without('attributes that the policy gives to files are not set'),
  place: without('a memory mount that does not end in /tmp has no place on the host'),
} as const satisfies Readonly<Record<string, Gap>>

export type GapId = keyof typeof gapTable

export const gapIds = Object.keys(gapTable) as readonly GapId[]
