/** Changes of a box to folders that are copied on write: what they are, to the host with them, or away with them. */
import type { Activity } from '../activity.ts'
import type { BoxTasks } from '../box-tasks.ts'
import type { Moments } from '../moments.ts'
import { betweenMounts } from './between-mounts.ts'
import type { Mounted } from './between-mounts.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './change.ts'
import { noFolder } from './cow-folders.ts'

export interface BoxChangesOf extends Mounted {
  readonly moments: Moments
  readonly tasks: BoxTasks
  readonly activity: Activity
}

export class BoxChanges {
  readonly #of: BoxChangesOf

  constructor(of: BoxChangesOf) {
    this.#of = of
  }

  async list(options: ChangesOptions): Promise<Change[]> {
    this.#of.activity.assertOpen()
    return this.#of.cow.changes(options)
  }

  async apply(patterns: readonly string[], options: ApplyOptions): Promise<Applied> {
    const { cow, places, moments, tasks, activity } = this.#of
    activity.assertOpen()
    activity.assertIdle('apply')
    return cow.apply(patterns, options, (step) => {
      moments.beforeChange()
      // what has moved has moved on the host too, or still lies in the upper layer
      betweenMounts(this.#of, step, (lay) => {
        for (const [name, real] of lay) places.addIfThere(name, { from: 'allow', resolve: false }, real)
      })
      tasks.confineAgain()
    }, () => activity.assertIdle('apply'))
  }

  async discard(): Promise<void> {
    const { cow, moments, tasks, activity } = this.#of
    activity.assertOpen()
    if (cow.isEmpty) throw noFolder('discard')
    activity.assertIdle('discard')
    moments.beforeChange()
    betweenMounts(this.#of, () => cow.discard())
    tasks.confineAgain()
    await cow.settled()
  }
}
