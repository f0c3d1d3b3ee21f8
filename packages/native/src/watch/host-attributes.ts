/** Labels that files of the host have in attributes for everybody: `user.lsmkit.security.SMACK64`. */
import type { System } from '../sys/system.ts'
import type { HostPlace } from './host-places.ts'
import type { Attributes } from './mirror.ts'
import { Pinned } from './pinned.ts'

const PREFIX = 'user.lsmkit.'
const MOST = 65_536

/** Reads the labels of a file that is held. */
export const hostAttributes = (system: System): ((place: HostPlace) => Attributes) => {
  const list = new Pinned(system, MOST)
  const value = new Pinned(system, MOST)
  return ({ path }) => {
    const file = Buffer.from(`${path}\0`)
    const length = system.call('llistxattr', file, list.address, MOST)
    const names = length <= 0 ? [] : Buffer.from(list.bytes.subarray(0, length)).toString().split('\0')
    const found = new Map<string, Uint8Array>()
    for (const name of names) {
      if (!name.startsWith(`${PREFIX}security.`)) continue
      const size = system.call('lgetxattr', file, Buffer.from(`${name}\0`), value.address, MOST)
      if (size > 0) found.set(name.slice(PREFIX.length), value.bytes.slice(0, size))
    }
    return found
  }
}
