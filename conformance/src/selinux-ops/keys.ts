/** Operations of selinux-ops.tsv: keys, the other process's and the task's own. */
import {
  KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEYCTL_CHOWN, KEYCTL_DESCRIBE,
  KEYCTL_GET_KEYRING_ID, KEYCTL_GET_SECURITY, KEYCTL_INVALIDATE, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_LINK,
  KEYCTL_READ, KEYCTL_REVOKE, KEYCTL_SEARCH, KEYCTL_SET_TIMEOUT, KEYCTL_SETPERM, KEYCTL_UPDATE,
} from '@lsmkit/abi'
import { encode } from './world.ts'
import type { Calls, Operation } from './world.ts'

const PAYLOAD = encode('payload')
const EVERYTHING = 0x3f3f3f3f
const buffer = () => new Uint8Array(256)

const add = (sys: Calls, name: string, ring: number): number => sys.add_key('user', name, PAYLOAD, PAYLOAD.length, ring)

/** On a key that the other process has in its own keyring, and lets everybody use; the user's keyrings are there. */
const onKey = (run: (sys: Calls, key: number) => number): Operation => (world) => {
  world.must(world.root.keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0, 0, 0), 'user keyrings')
  const other = world.calls(world.other())
  const key = world.must(add(other, 'theirs', KEY_SPEC_PROCESS_KEYRING), 'a key')
  world.must(other.keyctl(KEYCTL_SETPERM, key, EVERYTHING, 0, 0), 'its permissions')
  return (sys) => Math.min(run(sys, key), 0)
}

const plain = (run: (sys: Calls) => number): Operation => () => (sys) => Math.min(run(sys), 0)

export const keyOperations: Readonly<Record<string, Operation>> = {
  key_add_session: plain((sys) =>
    Math.min(sys.keyctl(KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0), 0) || add(sys, 'own', KEY_SPEC_SESSION_KEYRING)),
  key_describe: onKey((sys, key) => sys.keyctl(KEYCTL_DESCRIBE, key, buffer(), 256, 0)),
  key_read: onKey((sys, key) => sys.keyctl(KEYCTL_READ, key, buffer(), 256, 0)),
  key_update: onKey((sys, key) => sys.keyctl(KEYCTL_UPDATE, key, PAYLOAD, PAYLOAD.length, 0)),
  key_link: onKey((sys, key) => sys.keyctl(KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING, 0, 0)),
  key_chown: onKey((sys, key) => sys.keyctl(KEYCTL_CHOWN, key, 0, -1, 0)),
  key_setperm: onKey((sys, key) => sys.keyctl(KEYCTL_SETPERM, key, EVERYTHING, 0, 0)),
  key_revoke: onKey((sys, key) => sys.keyctl(KEYCTL_REVOKE, key, 0, 0, 0)),
  key_invalidate: onKey((sys, key) => sys.keyctl(KEYCTL_INVALIDATE, key, 0, 0, 0)),
  key_timeout: onKey((sys, key) => sys.keyctl(KEYCTL_SET_TIMEOUT, key, 100, 0, 0)),
  key_getsecurity: onKey((sys, key) => sys.keyctl(KEYCTL_GET_SECURITY, key, buffer(), 256, 0)),
  key_request(world) {
    world.must(world.root.keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0, 0, 0), 'user keyrings')
    return (sys) => Math.min(sys.request_key('user', 'nosuch', null, 0), 0)
  },
  key_search: plain((sys) => {
    const rc = add(sys, 'own', KEY_SPEC_PROCESS_KEYRING)
    return rc < 0 ? rc : sys.keyctl(KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, 'user', 'own', 0)
  }),
}
