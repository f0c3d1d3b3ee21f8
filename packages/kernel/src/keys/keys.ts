/** Keys of one machine: its parts, put together in the order they need one another, and their three system calls. */
import {
  EFAULT, ENOKEY, EOPNOTSUPP, KEY_LOOKUP_CREATE, KEY_NEED_WRITE, KEYCTL_CAPABILITIES, KEYCTL_CAPS0_CAPABILITIES,
  KEYCTL_CAPS0_INVALIDATE, KEYCTL_CAPS0_MOVE, KEYCTL_CAPS0_PERSISTENT_KEYRINGS, KEYCTL_CAPS0_RESTRICT_KEYRING,
  KEYCTL_CAPS1_NS_KEYRING_NAME, KEYCTL_CAPS1_NS_KEY_TAG,
} from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import { clear, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import type { Keys } from '../interfaces/keys.ts'
import type { Machine } from '../machine.ts'
import { number, optionalText, text, typeName } from '../state/keys/arguments.ts'
import type { KeyArg, KeyCommands } from '../state/keys/arguments.ts'
import { keyConstruction } from './construction-commands.ts'
import { keyCreation } from './create.ts'
import { keyCommands } from './key-commands.ts'
import { keyLife } from './life.ts'
import { keyLinks } from './links.ts'
import type { KeyParts } from './parts.ts'
import { keyPermissions } from './permission.ts'
import { keyTexts } from './proc-text.ts'
import { keyRequests } from './request.ts'
import { ringCommands } from './ring-commands.ts'
import { keySearch } from './search.ts'
import { keyStore } from './store.ts'
import { taskKeyrings } from './task-keyrings.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { key_type_lookup } from '../state/keys/types.ts'
import { userKeyrings } from './user-keyrings.ts'
import { keyUsers } from './users.ts'

/** What KEYCTL_CAPABILITIES tells: no asymmetric keys, Diffie-Hellman, big keys, notifications. */
const CAPABILITIES = Uint8Array.of(
  KEYCTL_CAPS0_CAPABILITIES | KEYCTL_CAPS0_PERSISTENT_KEYRINGS | KEYCTL_CAPS0_INVALIDATE |
    KEYCTL_CAPS0_RESTRICT_KEYRING | KEYCTL_CAPS0_MOVE,
  KEYCTL_CAPS1_NS_KEYRING_NAME | KEYCTL_CAPS1_NS_KEY_TAG,
)

/** What is left of the buffer is cleared. */
const capabilities = (at: KeyArg, length: KeyArg): number => {
  if (number(length) === 0) return CAPABILITIES.length
  if (!isGuestBytes(at) || at.length < number(length)) return -EFAULT
  clear(at, 0, number(length))
  copyOut(CAPABILITIES.subarray(0, number(length)), at)
  return CAPABILITIES.length
}

export const createKeys = (lsm: KeyMap, machine: Machine): Keys => {
  const accounts = keyUsers(machine)
  const store = keyStore(lsm, machine, accounts)
  const permissions = keyPermissions(lsm, machine)
  const search = keySearch(machine, permissions)
  const links = keyLinks(store, search)
  const life = keyLife(machine, store, links)
  const users = userKeyrings(lsm, machine, search, store, links, life, permissions)
  const constructed = new WaitQueue()
  const tasks = taskKeyrings({ machine, store, life, search, permissions, users, constructed })
  const creation = keyCreation(lsm, machine, store, links, life, permissions, tasks)
  const construction = keyConstruction(machine, store, life, tasks)
  const { request_key_and_link } = keyRequests(machine, store, links, life, permissions, users, tasks)
  const parts: KeyParts = {
    lsm, machine, accounts, permissions, search, links, life, users, tasks, creation, construction,
  }
  const commands: KeyCommands = {
    ...ringCommands(parts),
    ...keyCommands(parts),
    ...construction.commands,
    [KEYCTL_CAPABILITIES]: capabilities,
  }

  const keyctl = (option: number, a: KeyArg, b: KeyArg, c: KeyArg, d: KeyArg): number => {
    if (!Object.hasOwn(commands, option)) return -EOPNOTSUPP
    life.sweepDue()
    return commands[option]!(a, b, c, d)
  }

  const request_key = (type: KeyArg, description: KeyArg, callout: KeyArg, destid: number): number => {
    const name = typeName(type)
    if (typeof name === 'number') return name
    const what = text(description)
    if (typeof what === 'number') return what
    const info = optionalText(callout)
    if (typeof info === 'number') return info
    life.sweepDue()
    const dest = (destid | 0) === 0 ? null : tasks.lookup_user_key(destid | 0, KEY_LOOKUP_CREATE, KEY_NEED_WRITE)
    if (typeof dest === 'number') return dest
    const known = key_type_lookup(name)
    if (known === null) return -ENOKEY
    const bytes = info === null ? null : new TextEncoder().encode(info)
    const key = request_key_and_link(known, what, bytes, dest?.key ?? null)
    if (typeof key === 'number') return key
    const rc = tasks.wait_for_key_construction(key)
    return rc < 0 ? rc : key.serial
  }

  return {
    key_put: store.key_put,
    install_to_cred: tasks.install_to_cred,
    texts: keyTexts(machine, store, accounts, permissions, tasks),
    calls: { add_key: creation.add_key, request_key, keyctl },
  }
}
