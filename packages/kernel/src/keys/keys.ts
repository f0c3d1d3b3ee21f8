/** The three system calls on keys, and the functions that the rest of the kernel calls. */
import {
  EFAULT, ENOKEY, EOPNOTSUPP, KEY_LOOKUP_CREATE, KEY_NEED_WRITE, KEYCTL_CAPABILITIES, KEYCTL_CAPS0_CAPABILITIES,
  KEYCTL_CAPS0_INVALIDATE, KEYCTL_CAPS0_MOVE, KEYCTL_CAPS0_PERSISTENT_KEYRINGS, KEYCTL_CAPS0_RESTRICT_KEYRING,
  KEYCTL_CAPS1_NS_KEYRING_NAME, KEYCTL_CAPS1_NS_KEY_TAG,
} from '@lsmkit/abi'
import type { Keys } from '../interfaces/keys.ts'
import type { Machine } from '../machine.ts'
import { clear, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import { number, optionalText, text, typeName } from '../state/keys/arguments.ts'
import type { KeyArg } from '../state/keys/arguments.ts'
import { constructionCommands } from './construction-commands.ts'
import { add_key } from './create.ts'
import { install_to_cred } from './install-keyrings.ts'
import type { KeyCommands } from './command-table.ts'
import { keyCommands } from './key-commands.ts'
import { sweepDue } from './life.ts'
import { lookup_user_key, wait_for_key_construction } from './lookup-key.ts'
import { keysText, keyUsersText } from './proc-text.ts'
import { request_key_and_link } from './request.ts'
import { ringCommands } from './ring-commands.ts'
import { key_put } from './store.ts'
import { bound } from '../state/bound.ts'
import { key_type_lookup } from '../state/keys/types.ts'

/** The result of KEYCTL_CAPABILITIES: no asymmetric keys, Diffie-Hellman, big keys or notifications. */
const CAPABILITIES = Uint8Array.of(
  KEYCTL_CAPS0_CAPABILITIES | KEYCTL_CAPS0_PERSISTENT_KEYRINGS | KEYCTL_CAPS0_INVALIDATE |
    KEYCTL_CAPS0_RESTRICT_KEYRING | KEYCTL_CAPS0_MOVE,
  KEYCTL_CAPS1_NS_KEYRING_NAME | KEYCTL_CAPS1_NS_KEY_TAG,
)

/** KEYCTL_CAPABILITIES; it clears the rest of the buffer. */
const capabilities = (_machine: Machine, at: KeyArg, length: KeyArg): number => {
  if (number(length) === 0) return CAPABILITIES.length
  if (!isGuestBytes(at) || at.length < number(length)) return -EFAULT
  clear(at, 0, number(length))
  copyOut(CAPABILITIES.subarray(0, number(length)), at)
  return CAPABILITIES.length
}

const commands: KeyCommands = {
  ...ringCommands,
  ...keyCommands,
  ...constructionCommands,
  [KEYCTL_CAPABILITIES]: capabilities,
}

const keyctl = (machine: Machine, option: number, a: KeyArg, b: KeyArg, c: KeyArg, d: KeyArg): number => {
  if (!Object.hasOwn(commands, option)) return -EOPNOTSUPP
  sweepDue(machine)
  return commands[option]!(machine, a, b, c, d)
}

const request_key = (
  machine: Machine, type: KeyArg, description: KeyArg, callout: KeyArg, destid: number,
): number => {
  const name = typeName(type)
  if (typeof name === 'number') return name
  const what = text(description)
  if (typeof what === 'number') return what
  const info = optionalText(callout)
  if (typeof info === 'number') return info
  sweepDue(machine)
  const dest = (destid | 0) === 0 ? null : lookup_user_key(machine, destid | 0, KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
  if (typeof dest === 'number') return dest
  const known = key_type_lookup(name)
  if (known === null) return -ENOKEY
  const bytes = info === null ? null : new TextEncoder().encode(info)
  const key = request_key_and_link(machine, known, what, bytes, dest?.key ?? null)
  if (typeof key === 'number') return key
  const rc = wait_for_key_construction(machine, key)
  return rc < 0 ? rc : key.serial
}

export const keySyscalls = { add_key, request_key, keyctl }

export const createKeys = (machine: Machine): Keys => ({
  ...bound(machine, { key_put, install_to_cred }),
  texts: bound(machine, { keys: keysText, keyUsers: keyUsersText }),
})
