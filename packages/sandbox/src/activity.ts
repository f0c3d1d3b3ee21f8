/** Whether a box is open, and what runs in it now. */
import type { Task } from '@lsmkit/core'
import { SandboxError } from './sandbox-error.ts'

export class Activity {
  /** Programs of `run`. */
  readonly tasks = new Set<Task>()
  /** Command lines of `sh`. */
  lines = 0
  isClosed = false

  assertOpen(): void {
    if (this.isClosed) throw new SandboxError('closed', 'the box is closed')
  }

  /** Throws SandboxError (`busy`) while something runs. `place`: the method that cannot be called then. */
  assertIdle(place: string): void {
    if (this.tasks.size === 0 && this.lines === 0) return
    throw new SandboxError('busy', 'a program runs in the box, which may change the files meanwhile', {
      place, hint: 'wait for box.run and box.sh first',
    })
  }
}
