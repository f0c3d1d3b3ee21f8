/** The log line of a load (`report_load`): its kind, the outcome, the file, and the subject. */
import { kernelReadFileName } from '@lsmkit/abi'
import { kstrdup_quotable_cmdline, kstrdup_quotable_file } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

export type Outcome =
  | 'pinned' | 'denied' | 'pinning-ignored' | 'pinning-excluded' | 'old-api-denied' | 'old-api-pinning-ignored'

/** Prints the line, and gives it without its prefix. */
export const reportLoad = ({ ctx, printk }: LoadPin, id: number, file: File | null, outcome: Outcome): string => {
  const { host, current: { task } } = ctx
  const object = file === null ? '<unknown>' : `"${kstrdup_quotable_file(host, task, file)}"`
  const cmdline = kstrdup_quotable_cmdline(host, task)
  const line = `${kernelReadFileName(id)} ${outcome} obj=${object} pid=${task.pid} cmdline="${cmdline}"`
  printk(`LoadPin: ${line}`)
  return line
}
