/** Why a file could not be opened. just-bash and most commands say one reason for all; this has the kernel's. */
import { EACCES, EFBIG, EISDIR, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EPERM, EROFS, errnoName } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import { resolved } from './paths.ts'

const words = new Map([
  [-EACCES, 'Permission denied'], [-EISDIR, 'Is a directory'], [-ENOENT, 'No such file or directory'],
  [-ENOSPC, 'No space left on device'], [-ENOTDIR, 'Not a directory'], [-EPERM, 'Operation not permitted'],
  [-EROFS, 'Read-only file system'], [-EFBIG, 'File too large'], [-ENOMEM, 'Cannot allocate memory'],
])

/** As a shell says it. */
export const reasonOf = ({ errno }: FileError): string => words.get(errno) ?? errnoName(errno)

/** What just-bash says, by what was asked for. */
const said = { write: 'cannot open redirect target', read: 'No such file or directory' }
type Use = keyof typeof said
const LINES = new RegExp(`^([\\w-]+): (.+): (${said.write}|${said.read})$`, 'gm')

/** The last ones are enough: a script is told of each as it goes. */
const MOST = 64

export class Refusals {
  #kept: { readonly use: Use; readonly path: string; readonly error: FileError }[] = []

  /** Does what `ask` does, and remembers how it was refused. */
  async of<T>(use: Use, path: string, ask: Promise<T>): Promise<T> {
    try {
      return await ask
    } catch (error) {
      if (error instanceof FileError) this.#kept = [...this.#kept.slice(1 - MOST), { use, path, error }]
      throw error
    }
  }

  /** `stderr` with the reasons in it. */
  explain(stderr: string): string {
    if (this.#kept.length === 0) return stderr
    return stderr.replace(LINES, (line: string, name: string, target: string, why: string) => {
      const use: Use = why === said.write ? 'write' : 'read'
      const path = resolved('/', target)
      const refused = this.#kept.findLast((one) =>
        one.use === use && (one.path === path || (!target.startsWith('/') && one.path.endsWith(path))))
      // commands of just-bash say that of a directory too
      if (refused === undefined || (name !== 'bash' && refused.error.errno === -EISDIR)) return line
      return `${name}: ${target}: ${reasonOf(refused.error)}`
    })
  }
}
