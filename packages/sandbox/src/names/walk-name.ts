/**
 * Where a name leads, found out link by link, so that whoever asks can judge each link before anybody follows it. Names
 * in what it answers have no link in them.
 */
import { EINVAL, ELOOP, ENOENT, ENOTDIR, MAXSYMLINKS } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { normalPath } from '../normal-path.ts'

export interface PassedLink {
  /** Of the link itself. */
  readonly path: string
  /** The text of the link. */
  readonly text: string
}

export interface WalkedName {
  /** Where the name ends, there or not. */
  readonly real: string
  readonly links: readonly PassedLink[]
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

/** What a link says; null where the name is no link. */
const textOf = (files: TaskFiles, path: string): string | null => {
  try {
    return files.readlink(path)
  } catch (error) {
    if (error instanceof FileError && NO_LINK.has(error.errno)) return null
    throw error
  }
}
const NO_LINK: ReadonlySet<number> = new Set([-EINVAL, -ENOENT, -ENOTDIR])

/**
 * `path` is absolute. `follows`: whether a link that is the last part is followed. Throws FileError, ELOOP for too many
 * links among them.
 */
export const walkName = (files: TaskFiles, path: string, follows: (last: string) => boolean): WalkedName => {
  const links: PassedLink[] = []
  let todo = partsOf(path)
  let real = ''
  while (todo.length > 0) {
    const [name, ...rest] = todo as [string, ...string[]]
    todo = rest
    if (name === '..') {
      real = real.slice(0, Math.max(0, real.lastIndexOf('/')))
      continue
    }
    const next = `${real}/${name}`
    const isLast = rest.length === 0 && !path.endsWith('/')
    const text = isLast && !follows(next) ? null : textOf(files, next)
    if (text === null) {
      real = next
      continue
    }
    links.push({ path: next, text })
    if (links.length > MAXSYMLINKS) throw new FileError(-ELOOP, 'walk', path)
    if (text.startsWith('/')) real = ''
    todo = [...partsOf(text), ...todo]
  }
  return { real: real || '/', links }
}

/**
 * Where a name of a program's call ends. `isLinked`: the call has followed links. Where it has not, the text says all.
 * `isFollowed`: of a link that is the last part.
 */
export const wayOf = (
  files: TaskFiles, name: string, isLinked: boolean, isFollowed: (path: string) => boolean,
): WalkedName => {
  if (!isLinked) return { real: normalPath(name), links: [] }
  try {
    return walkName(files, name, isFollowed)
  } catch {
    return { real: normalPath(name), links: [] }
  }
}

/** Whether `path` is `top` or lies below it; both as `walkName` answers them. */
export const isBeneath = (path: string, top: string): boolean =>
  top === '/' || path === top || path.startsWith(`${top}/`)
