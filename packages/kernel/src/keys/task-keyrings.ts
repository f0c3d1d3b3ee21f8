/** The keyrings of a task: thread, process and session (security/keys/process_keys.c). */
import { bound } from '../state/bound.ts'
import { commitChanged, install_session_to_cred, install_to_cred } from './install-keyrings.ts'
import { join_session_keyring } from './join-session.ts'
import { lookup_user_key, wait_for_key_construction } from './lookup-key.ts'
import type { RingParts } from './ring-parts.ts'
import { search_cred_keyrings, search_process_keyrings } from './search-task.ts'
import { session_to_parent } from './session-to-parent.ts'

export type TaskKeyrings = ReturnType<typeof taskKeyrings>

export const taskKeyrings = (parts: RingParts) => ({
  ...bound(parts, {
    install_to_cred, install_session_to_cred, commitChanged, join_session_keyring,
    search_cred_keyrings, search_process_keyrings, wait_for_key_construction, lookup_user_key,
    session_to_parent,
  }),
  constructed: parts.constructed,
})
