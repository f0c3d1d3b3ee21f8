/** The file system of a kernel as just-bash wants one: each method is system calls of one task. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { wholeNumber, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { CalledFs, LARGEST_READ } from './file-calls.ts'
import type { AskFile } from './file-calls.ts'
import { KernelFiles } from './kernel-files.ts'

export interface KernelFsOptions {
  /** The most bytes of a file that is read whole, EFBIG beyond. Default 64 MiB. */
  readonly largestRead?: number
}
const rules: OptionRules<KernelFsOptions> = { largestRead: wholeNumber(0) }

export class KernelFs extends CalledFs {
  readonly kernel: Kernel
  readonly task: Task
  readonly files: TaskFiles

  /** Throws OptionError. */
  constructor(kernel: Kernel, task: Task, options: KernelFsOptions = {}) {
    checkOptions(options, rules, 'KernelFs')
    const made = new KernelFiles(kernel, task)
    super(asking(made), options.largestRead ?? LARGEST_READ)
    this.kernel = kernel
    this.task = task
    this.files = made.files
  }
}

type AnyMethod = (...args: readonly unknown[]) => never

export const asking = (files: KernelFiles): AskFile => (method, ...args) => {
  const call = files[method] as unknown as AnyMethod
  return call.apply(files, args)
}
