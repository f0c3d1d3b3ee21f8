/** The first files of a box, or those of the box it follows, and the places of its policy's names. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { WholeAllow } from './allow.ts'
import { confinedParentOf } from './confinement.ts'
import type { Permit } from './denial.ts'
import { addDevices } from './device-files.ts'
import type { AskDevice } from './devices.ts'
import type { FilesData } from './late-files/contents.ts'
import type { LateFiles } from './late-files/late-files.ts'
import { makeFiles, ownFiles } from './late-files/make-files.ts'
import type { InodeNumbers, LinkGuard } from './names/link-guard.ts'
import type { NamedPlaces } from './names/named-places.ts'
import { restorePlaces } from './names/restored-places.ts'
import type { Users } from './names/users.ts'
import { checkFolders, pathsOf } from './origin.ts'
import type { Origin } from './origin.ts'
import type { Policy } from './policy.ts'
import type { Roles } from './roles.ts'
import { restoreSnapshot } from './snapshot.ts'
import { hostTaskOf } from './subject.ts'
import type { Ids } from './subject.ts'
import { findPlaces, growTree, setAttributes } from './tree.ts'
import type { Naming } from './tree.ts'

export interface Furniture {
  readonly plain: Kernel
  readonly guard: LinkGuard
  readonly policy: Policy
  readonly allow: WholeAllow | null
  readonly permits: readonly Permit[]
  readonly devices: readonly string[]
  readonly askDevice: AskDevice
  readonly files: FilesData
  /** Where file systems in memory lie. */
  readonly roots: readonly string[]
  /** The roots of folders of the host, by where they are mounted. */
  readonly folders: ReadonlyMap<string, InodeNumbers>
  readonly places: NamedPlaces
  readonly roles: Roles
  readonly users: Users
  readonly late: LateFiles
}

export interface Furnished {
  readonly naming: Naming
  /** Of the policy's user. */
  readonly ids: Ids
  /** The task that the box works on files with. */
  readonly hostTask: Task
  /** The parent of tasks that have no role. */
  readonly confinedParent: Task
}

/** Makes all that the box begins with. It throws SandboxError, and the caller unmounts then. */
export const furnish = (of: Furniture, from: Origin | null): Furnished => {
  const { plain, guard, allow, places, roles } = of
  const naming = namingOf(of)
  const ids = fill(of, naming, from)
  const hostTask = hostTaskOf(plain, ids)
  guard.own(hostTask)
  roles.checkWithin(places)
  return { naming, ids, hostTask, confinedParent: confinedParentOf(plain, allow, places) }
}

const namingOf = ({ policy: { resolve = false }, permits, roles }: Furniture): Naming =>
  ({ allow: roles.named, resolve, permitted: new Set(permits.flatMap((one) => pathsOf(one.allow))) })

/** The tree. Returns the ids of the policy's user. */
const fill = (of: Furniture, naming: Naming, from: Origin | null): Ids => {
  const { plain, policy, devices, askDevice, files, roots, folders, places, roles, users, late } = of
  const { resolve = false, attributes = {} } = policy
  const made = from === null ? makeFiles(plain, files, policy.mounts ?? {}) : []
  if (from !== null) {
    checkFolders(folders, from.folders)
    restoreSnapshot(plain, plain.init, roots, from.snapshot)
    restorePlaces(places, from.snapshot, pathsOf(roles.named ?? {}))
  }
  findPlaces(places, naming)
  // of the files that are there, before any is made
  const ids = users.idsOf(policy.user ?? 'guest')
  ownFiles(plain, made, ids)
  addDevices(plain, places, devices, askDevice)
  growTree(places, naming, ids)
  if (from === null) setAttributes(plain, places, attributes, ids, resolve)
  late.addAll(from === null ? files : from.snapshot)
  return ids
}
