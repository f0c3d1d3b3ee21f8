/** Set-up of a clone in the standard library of Node 20 alone: what is not up to date is done, under a lock, once. */
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { steps } from './setup-steps.mjs'
import { isStamped, writeStamp } from './stamp.mjs'
import { root } from './tools.mjs'

const state = join(root, '.setup')

const isDone = ({ name, madeFrom, isPresent }) => isPresent() && isStamped(join(state, name), madeFrom())

/** Brings the clone up to date as far as `last`, the name of a step. Cheap when nothing changed. */
export async function bootstrap(last) {
  const at = steps.findIndex(({ name }) => name === last)
  const wanted = steps.slice(0, at + 1).filter(({ name }) => !steps[at].without?.includes(name))
  if (wanted.every(isDone)) return
  const onWait = () => process.stderr.write('lsmkit: waiting for another set-up of this clone to end\n')
  await withLock(join(state, 'lock'), onWait, async () => {
    const due = wanted.filter((step) => !isDone(step))
    for (const [i, step] of due.entries()) {
      if (isDone(step)) continue
      const madeFrom = step.madeFrom()
      const after = due.slice(i + 1).reduce((sum, { seconds }) => sum + seconds, 0)
      await step.run({ at: i + 1, of: due.length, seconds: step.seconds, after })
      writeStamp(join(state, step.name), madeFrom)
    }
  })
}
