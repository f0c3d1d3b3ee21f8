/** keyctl(2) as C programs call it, and the recorder's helper that makes a key. */
import {
  KEY_SPEC_PROCESS_KEYRING, KEYCTL_ASSUME_AUTHORITY, KEYCTL_CAPABILITIES, KEYCTL_DESCRIBE, KEYCTL_GET_SECURITY,
  KEYCTL_INSTANTIATE, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_READ, KEYCTL_RESTRICT_KEYRING, KEYCTL_SEARCH, KEYCTL_UPDATE,
} from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

/** What the arguments of a command are: n a number, s a text, b bytes that the next counts, and are filled in. */
const SHAPES: Readonly<Record<number, string>> = {
  [KEYCTL_JOIN_SESSION_KEYRING]: 'snnn', [KEYCTL_UPDATE]: 'nbnn', [KEYCTL_DESCRIBE]: 'nbnn', [KEYCTL_SEARCH]: 'nssn',
  [KEYCTL_READ]: 'nbnn', [KEYCTL_INSTANTIATE]: 'nbnn', [KEYCTL_ASSUME_AUTHORITY]: 'nnnn',
  [KEYCTL_GET_SECURITY]: 'nbnn', [KEYCTL_CAPABILITIES]: 'bnnn', [KEYCTL_RESTRICT_KEYRING]: 'nssn',
}

export const keyCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  keyctl(option, ...given) {
    const shape = SHAPES[option] ?? 'nnnn'
    const args = [...shape].map((letter, i) => {
      const at = given[i] ?? 0
      if (letter === 'n') return at
      if (letter === 's') return m.text(at)
      return at === 0 ? null : m.slice(at, given[i + 1] ?? 0)
    })
    const rc = sys.keyctl(option, args[0], args[1], args[2], args[3])
    args.forEach((arg, i) => {
      if (arg instanceof Uint8Array) m.bytes.set(arg, given[i])
    })
    return rc
  },
  ak: (name) => sys.add_key('user', m.text(name), new TextEncoder().encode('pay'), 3, KEY_SPEC_PROCESS_KEYRING),
})
