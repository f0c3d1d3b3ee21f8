/** The inside of a box, made of its parts, for shells, tools and file systems that work in it beside its programs. */
import { checkOptions } from '@lsmkit/core/option-rules'
import type { Kernel } from '@lsmkit/kernel'
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { Activity } from './activity.ts'
import type { BoxTasks } from './box-tasks.ts'
import { runExecuted } from './executed.ts'
import type { GuestOptions } from './guest-options.ts'
import type { BoxHosts } from './hosts/box-hosts.ts'
import { inputRules, taskRules, watcherRules } from './inside-box.ts'
import type { Inside } from './inside-box.ts'
import type { LateFiles } from './late-files/late-files.ts'
import type { Refusals } from './refusals.ts'
import { threadStarter } from './work-thread.ts'

export interface AdapterParts {
  /** As programs get it. */
  readonly kernel: Kernel
  readonly limits: LimitNumbers
  readonly options: GuestOptions
  readonly tasks: BoxTasks
  readonly hosts: BoxHosts
  readonly late: LateFiles
  readonly refusals: Refusals
  readonly activity: Activity
}

export const insideFor = (of: AdapterParts): Inside => {
  const { kernel, limits: { memory, output }, options, tasks, hosts, late, refusals, activity } = of
  return {
    kernel, limits: { memory, output }, fetch: hosts.fetch,
    // threads of Node are loaded by those who start one
    get startThread() {
      return threadStarter(memory)
    },
    end: (task, status) => tasks.end(task, status),
    whenThere: (call) => late.whenThere(call),
    beginRun: () => {
      activity.assertOpen()
      const [run, moment] = refusals.begin()
      return { run, end: () => refusals.taken(run, moment) }
    },
    watch: (watcher) => {
      checkOptions(watcher, watcherRules, 'watch')
      return refusals.watch(watcher)
    },
    task: (choice = {}) => {
      checkOptions(choice, taskRules, 'task')
      return tasks.make(choice)
    },
    runProgram: async (task, image, input) => {
      checkOptions(input, inputRules, 'runProgram')
      return runExecuted(kernel, options, task, image, input)
    },
  }
}
