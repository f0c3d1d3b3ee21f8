/** The control group of one program: made before it starts, removed when all of it has ended. */
import { closeSync, constants, mkdirSync, openSync, rmdirSync, writeFileSync } from 'node:fs'
import type { CgroupPlan } from '../plan/plan.ts'

export interface Group {
  /** Of cgroup.procs, for the launcher. */
  readonly fd: number
  /** Ends all processes of the group. */
  readonly kill: () => void
  readonly remove: () => void
}

let made = 0

/** Throws the host's error where a limit cannot be set. */
export const makeGroup = ({ parent, memory, pids }: CgroupPlan): Group => {
  const path = `${parent}/lsmkit-${process.pid}-${made++}`
  mkdirSync(path)
  const remove = (): void => {
    try {
      rmdirSync(path)
    } catch {
      // a process of it is still on its way out
    }
  }
  try {
    if (memory !== null) writeFileSync(`${path}/memory.max`, String(memory))
    if (pids !== null) writeFileSync(`${path}/pids.max`, String(pids))
    const fd = openSync(`${path}/cgroup.procs`, constants.O_WRONLY)
    return {
      fd,
      kill: () => {
        try {
          writeFileSync(`${path}/cgroup.kill`, '1')
        } catch {
          // before 5.14; the keeper ends them
        }
      },
      remove: () => {
        closeSync(fd)
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
