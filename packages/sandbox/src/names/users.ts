/**
 * The users of a box. A name is settled when it is first asked for, at the latest when the box is made for that of the
 * policy, and stays so in boxes that come of this one: what a guest writes decides nothing.
 */
import { O_NONBLOCK, O_RDONLY } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import type { User } from '../policy.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { Ids } from '../subject.ts'

/** Users that every box knows, whatever its files say. */
const known: ReadonlyMap<string, Ids> = new Map([
  ['root', { uid: 0, gid: 0 }], ['guest', { uid: 1000, gid: 1000 }], ['nobody', { uid: 65534, gid: 65534 }],
])

const PASSWD = '/etc/passwd'
const MOST_BYTES = 65536

export class Users {
  readonly #kernel: Kernel
  /** Whether guests may write what lies at a path. */
  readonly #isGuests: (path: string) => boolean
  readonly #settled: Map<string, Ids>

  /** `settled`: of the box that this one comes of. */
  constructor(kernel: Kernel, isGuests: (path: string) => boolean, settled: ReadonlyMap<string, Ids>) {
    this.#kernel = kernel
    this.#isGuests = isGuests
    this.#settled = new Map(settled)
  }

  get settled(): ReadonlyMap<string, Ids> {
    return this.#settled
  }

  /** The ids of a user. Throws SandboxError for a name that nobody has. */
  idsOf(user: User): Ids {
    if (typeof user === 'number') return { uid: user, gid: user }
    const ids = known.get(user) ?? this.#settled.get(user)
    if (ids !== undefined) return ids
    const found = passwd(this.#kernel, this.#isGuests).get(user)
    if (found === undefined) {
      throw new SandboxError('not-there', `there is no user \`${user}\``, {
        hint: `a number, ${[...known.keys()].join(', ')}, or a name of an ${PASSWD} that guests may not write`,
      })
    }
    this.#settled.set(user, found)
    return found
  }
}

/** None where a guest may have written the file. */
const passwd = ({ sys, init }: Kernel, isGuests: (path: string) => boolean): Map<string, Ids> => {
  const users = new Map<string, Ids>()
  if (isGuests(PASSWD)) return users
  // process 1 of a box follows no link
  const fd = sys.open(init, PASSWD, O_RDONLY | O_NONBLOCK, 0)
  if (fd < 0) return users
  const buffer = new Uint8Array(MOST_BYTES)
  const length = sys.read(init, fd, buffer)
  sys.close(init, fd)
  for (const line of new TextDecoder().decode(buffer.subarray(0, Math.max(0, length))).split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    if (/^\d+$/.test(uid) && /^\d+$/.test(gid)) users.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return users
}
