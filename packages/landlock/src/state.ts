/** One Landlock in one stack. Hooks take it as their first argument. */
import type { LandlockHost, LsmContext, Path } from '@lsmkit/core'
import type { LandlockBlobs } from './blobs.ts'
import type { DomainIds } from './domain-log.ts'
import type { Domain } from './domain.ts'
import type { NamedInodes } from './named-inodes.ts'
import type { Places } from './places.ts'
import type { LandlockAbi } from './rights.ts'
import { namedOnTheWay } from './walk.ts'
import type { GrantWatch } from './watch.ts'

export interface Landlock {
  readonly ctx: LsmContext
  readonly blobs: LandlockBlobs
  readonly abi: LandlockAbi
  /** Whiteouts take the right to make files, and RENAME_WHITEOUT takes it too: where erratum 4 is mended. */
  readonly guardsWhiteouts: boolean
  readonly ids: DomainIds
  /** Null until a kernel has booted: nobody can have a domain before. */
  host: LandlockHost | null
  named: NamedInodes | null
  places: Places
  /** Null: nobody wants to know. */
  readonly watch: GrantWatch | null
}

/** The domain of the running task. */
export const currentDomain = ({ blobs, ctx }: Landlock): Domain | null => blobs.cred(ctx.current.task.cred).domain

/** The same where it restricts anything of the file system. */
export const currentFsDomain = (landlock: Landlock): Domain | null => {
  const domain = currentDomain(landlock)
  return domain === null || domain.all.fs === 0 ? null : domain
}

/** Reports it if there is a watcher; 0. */
export const grantedPath = ({ watch, blobs }: Landlock, domain: Domain, path: Path, rights: number): 0 => {
  if (watch !== null) watch.grantedPath(domain, namedOnTheWay(blobs.inode, path), rights)
  return 0
}
