/** Messages of modules in the kernel log, shaped by print helpers like the kernel's: rate limited, and safe to read. */
import { PAGE_SIZE } from '@lsmkit/abi'
import { pathText } from './audit/object.ts'
import type { Host } from './host.ts'
import type { File } from './objects/fs.ts'
import type { Task } from './objects/task.ts'

/** Milliseconds and lines of `DEFINE_RATELIMIT_STATE` with the kernel's defaults. */
const INTERVAL = 5000
const BURST = 10

/**
 * As `pr_notice_ratelimited`: ten lines in five seconds, and the rest unsaid. `now` is in milliseconds; a clock that
 * goes back begins a new interval.
 */
export const printkRatelimited = (print: (line: string) => void, now: () => number): ((line: string) => void) => {
  let begin = -Infinity
  let printed = 0
  return (line) => {
    const time = now()
    if (time - begin > INTERVAL || time < begin) {
      begin = time
      printed = 0
    }
    if (printed++ < BURST) print(line)
  }
}

const unsafe: ReadonlySet<string> = new Set('\f\n\r\t\v\x07\x1b\\"')
const hex = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`

/** As `kstrdup_quotable`: what could forge a line or end a quote is hexadecimal. */
const kstrdup_quotable = (text: string): string =>
  [...text].map((char) => (unsafe.has(char) ? hex(char) : char)).join('')

/** As `kstrdup_quotable_cmdline`: arguments with blanks between them, cut at a page. */
export const kstrdup_quotable_cmdline = (host: Host, task: Task): string =>
  kstrdup_quotable(host.get_cmdline!(task).slice(0, PAGE_SIZE - 1).replace(/\0+$/, '').replaceAll('\0', ' '))

/** As `kstrdup_quotable_file`: its path as the current task sees it. */
export const kstrdup_quotable_file = (host: Host, current: Task, file: File): string =>
  kstrdup_quotable(pathText(file.f_path, host, current))
