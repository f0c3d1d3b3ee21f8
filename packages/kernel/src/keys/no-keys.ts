/** Stands in for keys in a kernel that is built without them: no key is ever made. */
import type { Keys } from '../interfaces/keys.ts'

export const noKeys: Keys = {
  key_put: () => {},
  install_to_cred: () => 0,
  texts: { keys: () => '', keyUsers: () => '' },
}
