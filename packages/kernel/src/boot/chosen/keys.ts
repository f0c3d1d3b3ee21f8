/** Keys and keyrings: `add_key`, `request_key`, `keyctl`. */
import { createKeys, keySyscalls } from '../../keys/keys.ts'
import type { Subsystem } from '../subsystem.ts'

export const keys: Subsystem = {
  name: 'keys',
  calls: [{ calls: keySyscalls, subsystem: 'keys' }],
  setUp(machine) {
    machine.keys = createKeys(machine)
  },
}
