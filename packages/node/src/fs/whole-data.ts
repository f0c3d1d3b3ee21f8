/** The data of `promises.writeFile`: text, bytes, or a stream or iterable of them. */
import { setImmediate } from 'node:timers'
import { answered } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { AbortError, wrongType } from './arguments/argument-error.ts'
import { bytesOf } from './arguments/data.ts'
import type { Data } from './arguments/data.ts'
import { namedOptions, optionRules } from './arguments/options.ts'
import type { FileArgument } from './calls/contents.ts'
import type { Operations } from './calls/index.ts'
import { later } from './forms.ts'
import type { Call } from './forms.ts'

export type WholeData = Data | Iterable<Data> | AsyncIterable<Data>

const isPieces = (data: unknown): data is Iterable<Data> | AsyncIterable<Data> =>
  typeof data === 'object' && data !== null && !ArrayBuffer.isView(data) &&
  (Symbol.iterator in data || Symbol.asyncIterator in data)

/** On an open descriptor, from where the file stands. */
export const writeWhole = async (
  { files, calls }: { readonly files: TaskFiles; readonly calls: Operations }, fd: number, data: WholeData,
  options: FileArgument | undefined,
): Promise<void> => {
  if (!isPieces(data)) {
    await later(calls.writeFile as unknown as Call)(fd, data, options)
    return
  }
  const { encoding = null, flush = false, signal } = namedOptions(options, optionRules.file)
  for await (const piece of data) {
    if (signal?.aborted === true) throw new AbortError(signal)
    files.writeAll(fd, bytesOf(piece, encoding === 'buffer' ? null : encoding))
  }
  // a signal of this turn still counts
  await new Promise((resolve) => { setImmediate(resolve) })
  if (signal?.aborted === true) throw new AbortError(signal)
  if (flush) answered(files.sys.fsync(files.task, fd), 'fsync')
}

/** By a path: opened with the flag of the options. */
export const writeWholeTo = async (
  parts: { readonly files: TaskFiles; readonly calls: Operations }, path: unknown, data: WholeData,
  options: FileArgument | undefined, usual: string,
): Promise<void> => {
  const { flag, mode } = namedOptions(options, optionRules.file)
  if (!isPieces(data)) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
      throw wrongType('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data)
    }
    const call = usual === 'a' ? parts.calls.appendFile : parts.calls.writeFile
    await later(call as unknown as Call)(path, data, options)
    return
  }
  const fd = parts.calls.open(path as string, flag ?? usual, mode ?? 0o666)
  try {
    await writeWhole(parts, fd, data, options)
  } finally {
    parts.calls.close(fd)
  }
}
