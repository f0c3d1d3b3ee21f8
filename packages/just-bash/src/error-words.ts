/** Errors in just-bash's words, where they differ from Node's. Code, number, call and path stay those of the kernel. */
import { EEXIST, EINVAL, EISDIR, ELOOP } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import { resolved } from './paths.ts'

/** A call of the file system, and the paths that it was given. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly dest?: string
  /** There is a directory at the path. */
  readonly isDirectory?: boolean
}

const isBeneath = (path: string, top: string): boolean => {
  const [lower, upper] = [resolved('/', path), resolved('/', top)]
  return lower === upper || lower.startsWith(upper === '/' ? upper : `${upper}/`)
}

const verbs: ReadonlyMap<string, string> = new Map([['cp', 'copy'], ['mv', 'move']])

const wordsOf = (error: FileError, { method, path, dest, isDirectory = false }: Asked): string | null => {
  const verb = verbs.get(method)
  switch (error.errno) {
    case -EINVAL:
      if (verb === undefined || dest === undefined || !isBeneath(dest, path)) return null
      return `EINVAL: cannot ${verb} '${path}' into itself, '${dest}'`
    case -EISDIR:
      return method === 'cp' ? `EISDIR: is a directory, cp '${path}'` : null
    case -EEXIST:
      return method === 'mkdir' && isDirectory ? `EEXIST: directory already exists, mkdir '${path}'` : null
    case -ELOOP:
      return `ELOOP: too many levels of symbolic links, ${error.syscall} '${path}'`
    default:
      return null
  }
}

/** The same error with just-bash's message, for what is thrown. */
export const inWords = (error: unknown, asked: Asked): unknown => {
  if (!(error instanceof FileError)) return error
  const message = wordsOf(error, asked)
  if (message === null) return error
  const worded = new FileError(error.errno, error.syscall, error.path, error.dest)
  worded.message = message
  return worded
}
