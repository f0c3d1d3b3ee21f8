/** What the keyrings of tasks are made with. */
import type { Machine } from '../machine.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'
import type { KeyLife } from './life.ts'
import type { KeyPermissions } from './permission.ts'
import type { KeySearch } from './search.ts'
import type { KeyStore } from './store.ts'
import type { UserKeyringsOf } from './user-keyrings.ts'

export interface RingParts {
  readonly machine: Machine
  readonly store: KeyStore
  readonly life: KeyLife
  readonly search: KeySearch
  readonly permissions: KeyPermissions
  readonly users: UserKeyringsOf
  /** Who waits for a key to be made. */
  readonly constructed: WaitQueue
}
