/** `fs.promises` of one task. */
import { callbackify } from 'node:util'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { mistake, wrongType } from './arguments/argument-error.ts'
import { functionOf } from './arguments/checks.ts'
import type { CpOptions } from './arguments/options.ts'
import type { Path } from './arguments/paths.ts'
import { copyLater } from './calls/copy-tree.ts'
import type { FileArgument } from './calls/contents.ts'
import { onDescriptors } from './calls/index.ts'
import type { Operations } from './calls/index.ts'
import { nativeRealpath } from './calls/names.ts'
import type { NameArgument } from './calls/names.ts'
import { constants } from './constants.ts'
import { FileHandle } from './file-handle.ts'
import type { HandleParts } from './file-handle.ts'
import { inForm, later } from './forms.ts'
import type { Call, Callback } from './forms.ts'
import { globLater } from './glob/index.ts'
import type { TaskFsPromises } from './task-fs-types.ts'
import { temporary } from './temporary.ts'
import { watchLater } from './watch/index.ts'
import { writeWholeTo } from './whole-data.ts'
import type { WholeData } from './whole-data.ts'

const byPath = (calls: Operations): Record<string, unknown> =>
  Object.fromEntries(Object.entries(calls).filter(([name]) => !onDescriptors.includes(name) && name !== 'exists'))

/** Here a number is no file. */
const byName = (path: Path): Path => {
  if (typeof path === 'number') throw wrongType('path', ['string', 'Buffer', 'URL'], path)
  return path
}

/** A file by its path, or one that is open. */
const contentsOf = (parts: HandleParts) => {
  const put = (name: 'appendFile' | 'writeFile', usual: string) =>
    async (path: Path | FileHandle, data: WholeData, options?: FileArgument): Promise<void> => {
      if (path instanceof FileHandle) return path[name](data, options)
      return writeWholeTo(parts, byName(path), data, options, usual)
    }
  const readFile = later(parts.calls.readFile as Call)
  return {
    appendFile: put('appendFile', 'a'),
    writeFile: put('writeFile', 'w'),
    readFile: async (path: Path | FileHandle, options?: FileArgument) =>
      (path instanceof FileHandle ? path.readFile(options) : readFile(byName(path), options)),
  }
}

const copied = (files: TaskFiles) => async (src: Path, dest: Path, options?: CpOptions): Promise<void> => {
  await later(copyLater as Call)(files, src, dest, options).then((start) => (start as () => Promise<void>)())
}

export const promisesOf = (parts: HandleParts): TaskFsPromises => {
  const { files, calls } = parts
  return {
    ...inForm(byPath(calls), later),
    ...contentsOf(parts),
    cp: copied(files),
    glob: globLater(files),
    lchmod: async () => {
      throw mistake('ERR_METHOD_NOT_IMPLEMENTED', 'The lchmod() method is not implemented', Error)
    },
    mkdtempDisposable: (prefix: Path, options?: NameArgument) => temporary(files, calls, prefix, options),
    open: async (path: Path, flags?: string | number, mode?: number | string) =>
      new FileHandle(parts, await later(calls.open as Call)(path, flags, mode) as number),
    realpath: later(((path: Path, options?: NameArgument) => nativeRealpath(files, path, options)) as Call),
    watch: (path: Path, options?: never) => watchLater(files, path, options),
    constants,
  } as unknown as TaskFsPromises
}

/** `cp` with a callback: a wrong argument is thrown at once. */
export const cpWithCallback = (files: TaskFiles) =>
  (src: Path, dest: Path, given: CpOptions | Callback<void> | undefined, then?: Callback<void>): void => {
    const callback = functionOf(typeof given === 'function' ? given : then, 'cb') as Callback<void>
    const start = copyLater(files, src, dest, typeof given === 'function' ? undefined : given)
    callbackify(start)(callback)
  }
