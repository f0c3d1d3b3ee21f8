/** The parts of the key service that its commands are made of. */
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { KeyConstruction } from './construction-commands.ts'
import type { KeyCreation } from './create.ts'
import type { KeyLife } from './life.ts'
import type { KeyLinks } from './links.ts'
import type { KeyPermissions } from './permission.ts'
import type { KeySearch } from './search.ts'
import type { TaskKeyrings } from './task-keyrings.ts'
import type { UserKeyringsOf } from './user-keyrings.ts'
import type { KeyUsers } from './users.ts'

export interface KeyParts {
  readonly lsm: KeyMap
  readonly machine: Machine
  readonly accounts: KeyUsers
  readonly permissions: KeyPermissions
  readonly search: KeySearch
  readonly links: KeyLinks
  readonly life: KeyLife
  readonly users: UserKeyringsOf
  readonly tasks: TaskKeyrings
  readonly creation: KeyCreation
  readonly construction: KeyConstruction
}
