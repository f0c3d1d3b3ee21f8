/** Why a file could not be opened. just-bash and most commands say one reason for all; this has the kernel's. */
import {
  EACCES, EAGAIN, EBUSY, EDQUOT, EEXIST, EFBIG, EINVAL, EIO, EISDIR, ELOOP, EMFILE, EMLINK, ENAMETOOLONG, ENOENT,
  ENOMEM, ENOSPC, ENOTDIR, ENOTEMPTY, EOPNOTSUPP, EPERM, EROFS, errnoName, ETXTBSY, EXDEV,
} from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { AskFile } from './file-calls.ts'
import { resolved } from './paths.ts'

const words = new Map([
  [-EACCES, 'Permission denied'], [-EAGAIN, 'Resource temporarily unavailable'], [-EBUSY, 'Device or resource busy'],
  [-EDQUOT, 'Disk quota exceeded'], [-EEXIST, 'File exists'], [-EFBIG, 'File too large'],
  [-EINVAL, 'Invalid argument'], [-EIO, 'Input/output error'], [-EISDIR, 'Is a directory'],
  [-ELOOP, 'Too many levels of symbolic links'], [-EMFILE, 'Too many open files'], [-EMLINK, 'Too many links'],
  [-ENAMETOOLONG, 'File name too long'], [-ENOENT, 'No such file or directory'], [-ENOMEM, 'Cannot allocate memory'],
  [-ENOSPC, 'No space left on device'], [-ENOTDIR, 'Not a directory'], [-ENOTEMPTY, 'Directory not empty'],
  [-EOPNOTSUPP, 'Operation not supported'], [-EPERM, 'Operation not permitted'], [-EROFS, 'Read-only file system'],
  [-ETXTBSY, 'Text file busy'], [-EXDEV, 'Invalid cross-device link'],
])

/** As a shell says it. */
export const reasonOf = ({ errno }: FileError): string => words.get(errno) ?? errnoName(errno)

/** What just-bash says, by what was asked for. */
const said = { write: 'cannot open redirect target', read: 'No such file or directory' }
type Use = keyof typeof said
const LINES = new RegExp(`^([\\w-]+): (.+): (${said.write}|${said.read})$`, 'gm')

/** The last ones are enough: a script is told of each as it goes. */
const MOST = 64

/** The end of a line in which a command prints the message of an error as it is. */
const messageOf = (code: string): RegExp => new RegExp(`(?<=: )${code}: [a-z][a-z ]*, \\w+ '.*'$`, 'gm')

export class Refusals {
  #kept: { readonly use: Use; readonly path: string; readonly error: FileError }[] = []
  /** One error of each code that a call was refused with. */
  readonly #codes = new Map<string, FileError>()

  /** The same calls, whose refusals are remembered. */
  noting(ask: AskFile): AskFile {
    const noted = (error: unknown): never => {
      if (error instanceof FileError) this.#codes.set(error.code, error)
      throw error
    }
    return (method, ...args) => {
      try {
        const answer = ask(method, ...args)
        return answer instanceof Promise ? answer.catch(noted) : answer
      } catch (error) {
        return noted(error)
      }
    }
  }

  /** Does what `ask` does, and remembers how it was refused. */
  of<T>(use: Use, path: string, ask: Promise<T>): Promise<T> {
    return ask.catch((error: unknown) => {
      if (error instanceof FileError) this.#kept = [...this.#kept.slice(1 - MOST), { use, path, error }]
      throw error
    })
  }

  /** `stderr` with the reasons in it. */
  explain(stderr: string): string {
    if (this.#codes.size + this.#kept.length === 0) return stderr
    let text = this.#kept.length === 0 ? stderr : stderr.replace(LINES, this.#reason)
    for (const [code, error] of this.#codes) text = text.replace(messageOf(code), reasonOf(error))
    return text
  }

  readonly #reason = (line: string, name: string, target: string, why: string): string => {
    const use: Use = why === said.write ? 'write' : 'read'
    const path = resolved('/', target)
    const isOf = (one: { readonly path: string }): boolean =>
      one.path === path || (!target.startsWith('/') && one.path.endsWith(path))
    // some commands say that a file is not there when they could not write it
    const refused = this.#kept.findLast((one) => one.use === use && isOf(one)) ?? this.#kept.findLast(isOf)
    // commands of just-bash say that of a directory too
    if (refused === undefined || (name !== 'bash' && refused.error.errno === -EISDIR)) return line
    return `${name}: ${target}: ${reasonOf(refused.error)}`
  }
}
