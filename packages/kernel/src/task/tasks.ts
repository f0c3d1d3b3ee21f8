/** The tasks of a machine by pid. */
import type { Task } from '@lsmkit/core'

export class Tasks {
  readonly byPid = new Map<number, Task>()
  private lastPid = 0

  /** The next pid that is free (alloc_pid); 0 when none is. */
  allocPid(max: number): number {
    for (let tries = 0; tries < max; tries++) {
      this.lastPid = this.lastPid + 1 < max ? this.lastPid + 1 : 1
      if (!this.byPid.has(this.lastPid)) return this.lastPid
    }
    return 0
  }

  find(pid: number): Task | null {
    return this.byPid.get(pid) ?? null
  }

  add(task: Task): void {
    this.byPid.set(task.pid, task)
  }

  remove(task: Task): void {
    this.byPid.delete(task.pid)
  }
}
