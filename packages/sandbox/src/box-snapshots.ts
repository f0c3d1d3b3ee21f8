/** Snapshots of the files of a box, and the way back to one. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { Activity } from './activity.ts'
import type { BoxTasks } from './box-tasks.ts'
import { betweenMounts } from './cow/between-mounts.ts'
import type { Mounted } from './cow/between-mounts.ts'
import type { DenialCollector } from './denial-collector.ts'
import type { KnownFiles } from './known-files.ts'
import type { FilesData } from './late-files/contents.ts'
import type { LateFiles } from './late-files/late-files.ts'
import type { Moments } from './moments.ts'
import type { InodeNumbers } from './names/link-guard.ts'
import { checkRestorable, restorePlaces } from './names/restored-places.ts'
import { pathsOf } from './origin.ts'
import type { Roles } from './roles.ts'
import { withClockStopped } from './run-clock.ts'
import { checkSnapshot } from './snapshot-rules.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'

export interface BoxSnapshotsOf extends Mounted {
  readonly plain: Kernel
  readonly hostTask: Task
  /** Where file systems in memory lie. */
  readonly roots: readonly string[]
  /** The roots of folders of the host, by where they are mounted. */
  readonly folders: ReadonlyMap<string, InodeNumbers>
  /** That the box began with. */
  readonly files: FilesData
  readonly roles: Roles
  readonly late: LateFiles
  readonly moments: Moments
  readonly tasks: BoxTasks
  readonly denialCollector: DenialCollector
  readonly activity: Activity
}

export class BoxSnapshots {
  readonly #of: BoxSnapshotsOf

  constructor(of: BoxSnapshotsOf) {
    this.#of = of
  }

  /** The plain way: all that lies in memory, at once. `files`: for a snapshot that stays in the box. */
  take(files: KnownFiles | null = null): Snapshot {
    const { plain, hostTask, roots, places, folders, cow, late, denialCollector } = this.#of
    return late.quietly(() => withClockStopped(() => denialCollector.withoutRecording(() => {
      const snapshot = takeSnapshot(plain, hostTask, roots, {
        places, folders: new Set([...folders.values()].map(({ dev }) => dev)),
        isCopied: cow.has, lateName: (stat) => late.nameOf(stat),
      }, files)
      return cow.isEmpty ? snapshot : { ...snapshot, folders: cow.snapshot() }
    })))
  }

  /** Throws before anything is changed if the snapshot cannot be restored here. */
  restore(snapshot: Snapshot): void {
    const { plain, roots, places, cow, roles, late, files, moments, tasks, activity } = this.#of
    checkSnapshot(snapshot)
    const named = pathsOf(roles.named ?? {})
    checkRestorable(snapshot, named)
    cow.checkRestorable(snapshot)
    if (!cow.isEmpty) activity.assertIdle('restore')
    late.checkRestorable(snapshot, files)
    moments.beforeChange()
    late.forget()
    restoreSnapshot(plain, plain.init, roots, snapshot)
    late.addAll(snapshot)
    const settle = (): void => restorePlaces(places, snapshot, named)
    if (cow.isEmpty) settle()
    else betweenMounts(this.#of, () => cow.restore(snapshot), settle)
    tasks.confineAgain()
  }
}
