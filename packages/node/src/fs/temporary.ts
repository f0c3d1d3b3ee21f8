/** `mkdtempDisposable`: a directory that is removed when its user is done. */
import { posix } from 'node:path'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { FileError } from '@lsmkit/kernel/files'
import { ENOENT } from '@lsmkit/abi'
import type { NameArgument } from './calls/names.ts'
import type { Operations } from './calls/index.ts'
import type { Path } from './arguments/paths.ts'

export interface TemporaryDirectory extends Disposable, AsyncDisposable {
  readonly path: string | Buffer
  remove(): void | Promise<void>
}

const removing = (files: TaskFiles, calls: Operations, prefix: Path, options: NameArgument | undefined) => {
  const path = calls.mkdtemp(prefix, options)
  // where the task is when it removes it may be another directory
  const whole = posix.resolve(files.cwd(), String(path))
  const remove = (): void => {
    try {
      files.remove(whole)
    } catch (error) {
      if (!(error instanceof FileError) || error.errno !== -ENOENT) throw error
    }
  }
  return { path, remove }
}

export const temporarySync = (
  files: TaskFiles, calls: Operations, prefix: Path, options?: NameArgument,
): TemporaryDirectory => {
  const { path, remove } = removing(files, calls, prefix, options)
  return { path, remove, [Symbol.dispose]: remove, [Symbol.asyncDispose]: async () => remove() }
}

export const temporary = async (
  files: TaskFiles, calls: Operations, prefix: Path, options?: NameArgument,
): Promise<TemporaryDirectory> => {
  const { path, remove } = removing(files, calls, prefix, options)
  const later = async (): Promise<void> => remove()
  return { path, remove: later, [Symbol.dispose]: remove, [Symbol.asyncDispose]: later }
}
