/** Other tasks than the running one, and what they have mapped. */
import type { Current, Host, Task } from '@lsmkit/core'
import type { Area, ProgramHost } from '../helpers/run/index.ts'
import type { KernelObjects } from '../kobject/kernel-objects.ts'
import { registersOf } from '../kobject/task-members.ts'

/** The idle task: where the line of parents ends. */
const idleOf = (task: Task): Task => {
  let at = task
  while (at.real_parent !== null && at.real_parent !== at) at = at.real_parent
  return at
}

export const taskHost = (
  current: () => Current, host: () => Host, objects: () => KernelObjects,
): Pick<ProgramHost, 'processes' | 'threads' | 'taskOf' | 'areas' | 'registersOf'> => {
  const address = (task: Task): number => objects().pointerTo(task, 'task_struct')
  const taskAt = (place: number): Task | null => objects().objectAt(place) as Task | null

  /** Without a host that knows them: the running task and its ancestors. */
  const processes = (): Task[] => {
    const { task } = current()
    const idle = idleOf(task)
    const known = host().services?.for_each_process()
    if (known !== undefined) return [idle, ...[...known].filter((one) => one !== idle)]
    const line: Task[] = []
    for (let at: Task | null = task; at !== null && at !== idle; at = at.real_parent) line.unshift(at)
    return [idle, ...line]
  }
  const threads = (task: Task): Task[] => [...(host().services?.for_each_thread(task) ?? [task])]
  return {
    processes: () => processes().map(address),
    threads: (place) => {
      const task = taskAt(place)
      return task === null ? [] : threads(task).map(address)
    },
    taskOf: (pid) => {
      // the idle task has no number that could be asked for
      if (pid <= 0) return 0
      for (const leader of processes()) {
        const found = threads(leader).find((task) => task.pid === pid)
        if (found !== undefined) return address(found)
      }
      return 0
    },
    registersOf: (place) => {
      const task = taskAt(place)
      return task === null ? 0 : objects().pointerTo(registersOf(task), 'pt_regs')
    },
    areas: (place) => {
      const mm = taskAt(place)?.mm ?? null
      return mm === null ? null : mm.vmas.map((vma): Area => ({
        start: BigInt(vma.vm_start),
        end: BigInt(vma.vm_end),
        address: () => objects().pointerTo(vma, 'vm_area_struct'),
      }))
    },
  }
}
