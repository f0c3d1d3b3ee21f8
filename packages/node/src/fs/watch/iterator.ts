/** `fs.promises.watch`: the events of a watcher, one after the other. */
import { AbortError, mistake } from '../arguments/argument-error.ts'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { FSWatcher } from './watcher.ts'
import type { CheckedWatch, WatchOptions } from './watcher.ts'

export interface WatchIteratorOptions extends WatchOptions {
  /** Events that wait at most. */
  readonly maxQueue?: number
  readonly overflow?: 'ignore' | 'throw'
}
type Checked = CheckedWatch & Pick<WatchIteratorOptions, 'maxQueue' | 'overflow'>
export interface WatchEvent {
  readonly eventType: 'change' | 'rename'
  readonly filename: string | Buffer
}

const USUAL_QUEUE = 2048

/** Ends with the error of the signal, or when the caller leaves it. */
export const watchIterator = async function* (
  files: TaskFiles, path: string, options: Checked,
): AsyncGenerator<WatchEvent, void> {
  const { signal, maxQueue = USUAL_QUEUE, overflow = 'ignore' } = options
  if (signal?.aborted === true) throw new AbortError(signal)
  const queue: WatchEvent[] = []
  let failure: Error | null = null
  let wake = (): void => {}
  const watcher = new FSWatcher(files, path, options)
  watcher.on('change', (eventType: WatchEvent['eventType'], filename: string | Buffer) => {
    if (queue.length < maxQueue) queue.push({ eventType, filename })
    else if (overflow === 'throw') failure ??= mistake('ERR_FS_WATCH_QUEUE_OVERFLOW',
      `fs.watch() queued more than ${maxQueue} events`, Error)
    wake()
  })
  const abort = (): void => wake()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    for (;;) {
      if (signal?.aborted) throw new AbortError(signal)
      if (failure !== null) throw failure
      const event = queue.shift()
      if (event === undefined) await new Promise<void>((resolve) => { wake = resolve })
      else yield event
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    watcher.close()
  }
}
