/** `node:fs` for one task: every call in its three forms, and streams and watches on descriptors. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { Dirent, Stats, TaskFiles } from '@lsmkit/kernel/files'
import { objectOptions, optionRules } from './arguments/options.ts'
import type { BlobOptions, CpOptions } from './arguments/options.ts'
import type { Path } from './arguments/paths.ts'
import type { StreamArgument } from './arguments/stream-options.ts'
import { callbacksOf } from './callbacks.ts'
import { copySync } from './calls/copy-tree.ts'
import { operationsOf, transfersOf } from './calls/index.ts'
import type { Operations } from './calls/index.ts'
import { nativeRealpath } from './calls/names.ts'
import type { NameArgument } from './calls/names.ts'
import { constants } from './constants.ts'
import { Dir } from './dir.ts'
import { inForm } from './forms.ts'
import { globsOf } from './glob/index.ts'
import { promisesOf } from './promises.ts'
import { streamsOf } from './streams.ts'
import type { StreamClasses } from './streams.ts'
import type { TaskFs } from './task-fs-types.ts'
import { temporarySync } from './temporary.ts'
import { watchesOf } from './watch/index.ts'

/** The bytes are read now, and not when the blob is read. */
const blobOf = (calls: Operations) => async (path: Path, given?: BlobOptions): Promise<Blob> => {
  const { type = '' } = objectOptions(given, optionRules.blob)
  return new Blob([calls.readFile(path) as Buffer<ArrayBuffer>], { type })
}

const syncOf = (files: TaskFiles, calls: Operations): Record<string, unknown> => ({
  ...inForm(calls, (call) => call, 'Sync'),
  cpSync: (src: Path, dest: Path, options?: CpOptions) => copySync(files, src, dest, options),
  mkdtempDisposableSync: (prefix: Path, options?: NameArgument) => temporarySync(files, calls, prefix, options),
  realpathSync: Object.assign((path: Path, options?: NameArgument) => calls.realpath(path, options), {
    native: (path: Path, options?: NameArgument) => nativeRealpath(files, path, options),
  }),
})

const streamCalls = ({ ReadStream, WriteStream }: StreamClasses): Record<string, unknown> => ({
  ReadStream, WriteStream, FileReadStream: ReadStream, FileWriteStream: WriteStream,
  createReadStream: (path: Path, options?: StreamArgument) => new ReadStream(path, options),
  createWriteStream: (path: Path, options?: StreamArgument) => new WriteStream(path, options),
})

/** `node:fs` whose calls are made as the task, and refused as the task's. */
export const taskFs = (kernel: Kernel, task: Task): TaskFs => {
  const files = new TaskFiles(kernel, task)
  const [calls, transfers] = [operationsOf(files), transfersOf(files)]
  const called = callbacksOf(files, calls, transfers)
  const { F_OK, R_OK, W_OK, X_OK } = constants
  const fs: Record<string, unknown> = {}
  // a call that the caller has replaced in `fs` is the one that streams make, as in Node
  const streams = streamsOf(fs)
  return Object.assign(fs, {
    ...syncOf(files, calls),
    ...inForm(transfers, (call) => call, 'Sync'),
    ...called,
    ...watchesOf(files),
    ...globsOf(files),
    ...streamCalls(streams),
    openAsBlob: blobOf(calls),
    promises: promisesOf({ files, calls, transfers, streams }),
    constants, Dir, Dirent, Stats, F_OK, R_OK, W_OK, X_OK,
  }) as unknown as TaskFs
}
