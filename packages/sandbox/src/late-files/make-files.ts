/** Makes the files that a box begins with, in memory. */
import type { Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import { isBeneath } from '../names/walk-name.ts'
import { isPath, normalPath } from '../normal-path.ts'
import type { Place } from '../places.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { Ids } from '../subject.ts'
import type { FilesData } from './contents.ts'

/** Throws SandboxError for a path that is none, or that lies in a folder of the host. */
const checkPath = (path: string, mounts: Readonly<Record<string, Place>>): void => {
  const fault = (message: string, hint: string): SandboxError =>
    new SandboxError('bad-policy', `\`${path}\` ${message}`, { place: 'files', hint })
  if (!isPath(path) || path === '/') throw fault('is not the path of a file', 'a whole path of the box: `/data/table`')
  const [, place] = Object.entries(mounts).filter(([target]) => isBeneath(normalPath(path), normalPath(target)))
    .toSorted(([a], [b]) => b.length - a.length)[0] ?? []
  if (place !== undefined && place.kind !== 'memory') {
    throw fault('lies in a folder of the host', 'put the file into the folder, or name another path')
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** Makes the directories that lead to a file, and answers those that were not there. */
const madeParents = (tree: TaskFiles, path: string): string[] => {
  const first = parentOf(path) === '' ? undefined : tree.mkdirs(parentOf(path), 0o755)
  if (first === undefined) return []
  const made: string[] = []
  for (let dir = parentOf(path); dir.length >= first.length; dir = parentOf(dir)) made.push(dir)
  return made
}

/** Makes the files, those of functions empty, and the directories that they need. Answers all that was made. */
export const makeFiles = (
  kernel: Kernel, files: FilesData, mounts: Readonly<Record<string, Place>>,
): readonly string[] => {
  const tree = new TaskFiles(kernel, kernel.init)
  const made: string[] = []
  for (const [path, contents] of Object.entries(files)) {
    checkPath(path, mounts)
    try {
      made.push(...madeParents(tree, path))
      tree.writeFile(path, contents ?? new Uint8Array(0), undefined, 0o644)
      made.push(path)
    } catch (cause) {
      if (!(cause instanceof FileError)) throw cause
      throw new SandboxError('bad-tree', `\`${path}\` cannot be made: ${cause.message}`, { place: 'files', cause })
    }
  }
  return made
}

/** The policy's user gets what was made. */
export const ownFiles = (kernel: Kernel, made: readonly string[], { uid, gid }: Ids): void => {
  const tree = new TaskFiles(kernel, kernel.init)
  for (const path of made) tree.chown(path, uid, gid, false)
}
