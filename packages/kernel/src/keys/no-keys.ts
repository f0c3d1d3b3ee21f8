/** Stands in for keys in a kernel that is built without them: no key is ever made. */
import { ENOSYS } from '@lsmkit/abi'
import type { Keys } from '../interfaces/keys.ts'

export const noKeys: Keys = {
  key_put: () => {},
  install_to_cred: () => 0,
  texts: { keys: () => '', keyUsers: () => '' },
  calls: { add_key: () => -ENOSYS, request_key: () => -ENOSYS, keyctl: () => -ENOSYS },
}
