/** `node:fs` for one task: every call in its three forms, and streams on descriptors. */
import { createReadStream, createWriteStream } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:fs'
import { R_OK, F_OK, W_OK, X_OK } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { absent, absentLater } from './absent.ts'
import type { AbsentName } from './absent.ts'
import { FileHandle } from './file-handle.ts'
import { operationsOf } from './operations.ts'
import type { Operations, Path } from './operations.ts'
import { pathOf, streamOptions } from './options.ts'
import type { StreamOptions } from './options.ts'
import { transfersOf } from './transfer.ts'
import type { Transfers } from './transfer.ts'

type Call = (...args: never[]) => unknown
type Callback<T> = (error: Error | null, result?: T) => void

type Sync = { readonly [N in keyof Operations as `${N}Sync`]: Operations[N] }
type Later<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
/** The callback comes last, after whatever else is given. */
type WithCallback<F> = F extends (...args: infer A) => infer R
  ? (...args: [...Partial<A>, Callback<R>] | [...A, Callback<R>]) => void
  : never

type ByPath = Omit<Operations,
  'close' | 'fchmod' | 'fchown' | 'fdatasync' | 'fstat' | 'fsync' | 'ftruncate' | 'futimes' | 'open'>

type StreamArgument = StreamOptions | BufferEncoding | null

type Absent = Readonly<Record<AbsentName, () => never>>

export type TaskFsPromises = Absent & { readonly [N in keyof ByPath]: Later<ByPath[N]> } & {
  open(path: Path, flags?: string | number, mode?: number | string): Promise<FileHandle>
  readonly constants: typeof constants
}

export type TaskFs = Sync & Absent & {
  readonly [N in keyof Transfers as `${N}Sync`]: Transfers[N]
} & {
  readonly [N in keyof Transfers]: WithCallback<Transfers[N]>
} & { readonly [N in keyof Operations]: WithCallback<Operations[N]> } & {
  existsSync(path: Path): boolean
  createReadStream(path: Path, options?: StreamArgument): ReadStream
  createWriteStream(path: Path, options?: StreamArgument): WriteStream
  readonly promises: TaskFsPromises
  readonly constants: typeof constants
}

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

/** `node:fs` whose calls are made as the task, and refused as the task's. */
export const taskFs = (kernel: Kernel, task: Task): TaskFs => {
  const files = new TaskFiles(kernel, task)
  const calls = operationsOf(files)
  const {
    close: _1, fchmod: _2, fchown: _3, fdatasync: _4, fstat: _5, fsync: _6, ftruncate: _7, futimes: _8, open, ...byPath
  } = calls
  const transfers = transfersOf(files)
  /** What Node's streams call in the place of their own, among others. */
  const fs = { ...mapped(calls, (call) => withCallback(call)), ...mapped(transfers, (call) => withCallback(call, 1)) }
  const promises = {
    ...absentLater,
    ...mapped(byPath, later),
    open: async (path: Path, flags?: string | number, mode?: number | string) =>
      new FileHandle(calls, transfers, open(path, flags, mode)),
    constants,
  }
  return {
    ...absent,
    ...mapped(calls, (call) => call, 'Sync'),
    ...mapped(transfers, (call) => call, 'Sync'),
    ...fs,
    existsSync: (path: Path) => files.exists(pathOf(path)),
    createReadStream: (path: Path, options?: StreamArgument) =>
      createReadStream(pathOf(path), { ...streamOptions(options, 'createReadStream'), fs } as never),
    createWriteStream: (path: Path, options?: StreamArgument) =>
      createWriteStream(pathOf(path), { ...streamOptions(options, 'createWriteStream'), fs } as never),
    promises,
    constants,
  } as unknown as TaskFs
}
