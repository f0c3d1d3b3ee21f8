/** `node:fs` for one task: every call in its three forms, and streams on descriptors. */
import { createReadStream, createWriteStream } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:fs'
import { R_OK, F_OK, W_OK, X_OK } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { FileHandle } from './file-handle.ts'
import { operationsOf } from './operations.ts'
import type { Operations, Path } from './operations.ts'
import { pathOf } from './options.ts'

type Call = (...args: never[]) => unknown
type Callback<T> = (error: Error | null, result?: T) => void

type Sync = { readonly [N in keyof Operations as `${N}Sync`]: Operations[N] }
type Later<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
/** The callback comes last, after whatever else is given. */
type WithCallback<F> = F extends (...args: infer A) => infer R
  ? (...args: [...Partial<A>, Callback<R>] | [...A, Callback<R>]) => void
  : never

type ByPath = Omit<Operations, 'close' | 'fchmod' | 'fdatasync' | 'fstat' | 'fsync' | 'ftruncate' | 'open'>

export type TaskFsPromises = { readonly [N in keyof ByPath]: Later<ByPath[N]> } & {
  open(path: Path, flags?: string | number, mode?: number): Promise<FileHandle>
  readonly constants: typeof constants
}

export type TaskFs = Sync & { readonly [N in keyof Operations]: WithCallback<Operations[N]> } & {
  existsSync(path: Path): boolean
  readonly readSync: Transfer
  readonly writeSync: Transfer
  createReadStream(path: Path, options?: StreamOptions): ReadStream
  createWriteStream(path: Path, options?: StreamOptions): WriteStream
  readonly promises: TaskFsPromises
  readonly constants: typeof constants
}

/** A part of the buffer, from `position` or where the file stands; how many bytes. */
type Transfer = (
  fd: number, buffer: NodeJS.ArrayBufferView, offset?: number, length?: number, position?: number | null,
) => number

/** What Node's streams of files take; what is read and written goes through the task. */
export type StreamOptions = Readonly<{
  flags?: string, encoding?: BufferEncoding, mode?: number, autoClose?: boolean, emitClose?: boolean
  start?: number, end?: number, highWaterMark?: number, signal?: AbortSignal | null
}>

const constants = { F_OK, R_OK, W_OK, X_OK, COPYFILE_EXCL: 1 } as const

const later = (call: Call) => async (...args: never[]): Promise<unknown> => call(...args)

/** `told`: which of the arguments the callback gets behind the result. */
const withCallback = (call: Call, told?: number) => (...args: unknown[]): void => {
  const callback = args.pop()
  if (typeof callback !== 'function') {
    throw Object.assign(new TypeError('the last argument is a callback'), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  let [error, result]: [Error | null, unknown] = [null, undefined]
  try {
    result = call(...args as never[])
  } catch (thrown) {
    error = thrown as Error
  }
  const more = told === undefined ? [] : [args[told]]
  process.nextTick(() => (callback as (...answer: unknown[]) => void)(error, result, ...more))
}

const mapped = (calls: object, by: (call: Call) => unknown, suffix = ''): object =>
  Object.fromEntries(Object.entries(calls).map(([name, call]) => [`${name}${suffix}`, by(call as Call)]))

const partOf = (buffer: NodeJS.ArrayBufferView, offset = 0, length = buffer.byteLength - offset): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)

export const taskFs = (kernel: Kernel, task: Task): TaskFs => {
  const files = new TaskFiles(kernel, task)
  const calls = operationsOf(files)
  const { close: _1, fchmod: _2, fdatasync: _3, fstat: _4, fsync: _5, ftruncate: _6, open, ...byPath } = calls
  const readSync: Transfer = (fd, buffer, offset, length, position = null) =>
    files.read(fd, partOf(buffer, offset, length), position)
  const writeSync: Transfer = (fd, data, offset, length, position = null) =>
    files.write(fd, partOf(data, offset, length), position)
  const callbacks = mapped(calls, (call) => withCallback(call))
  /** What Node's streams call in the place of their own. */
  const fs = { ...callbacks, read: withCallback(readSync, 1), write: withCallback(writeSync, 1) }
  const promises = {
    ...mapped(byPath, later),
    open: async (path: Path, flags?: string | number, mode?: number) =>
      new FileHandle(files, calls, open(path, flags, mode)),
    constants,
  }
  return {
    ...mapped(calls, (call) => call, 'Sync'),
    ...callbacks,
    existsSync: (path: Path) => files.exists(pathOf(path)),
    readSync,
    writeSync,
    createReadStream: (path: Path, options: StreamOptions = {}) =>
      createReadStream(pathOf(path), { ...options, fs } as never),
    createWriteStream: (path: Path, options: StreamOptions = {}) =>
      createWriteStream(pathOf(path), { ...options, fs } as never),
    promises,
    constants,
  } as unknown as TaskFs
}
