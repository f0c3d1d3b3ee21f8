/** The state that a box takes over from another box: files, users, and the places of its policy's names there. */
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { wholeAllow } from './allow.ts'
import type { Allow } from './allow.ts'
import type { InodeNumbers } from './names/link-guard.ts'
import { gone } from './names/named-places.ts'
import type { Snapshot } from './snapshot.ts'
import { must } from './subject.ts'
import type { Ids } from './subject.ts'

export interface Origin {
  readonly snapshot: Snapshot
  readonly users: ReadonlyMap<string, Ids>
  /** The roots of folders of the host, by where they are mounted. */
  readonly folders: ReadonlyMap<string, InodeNumbers>
}

/** The root of each folder of the host. `inodes`: of those where an overlay lies over the folder. */
export const foldersOf = (
  { sys, init }: Kernel, mounted: readonly string[], inodes: ReadonlyMap<string, number>,
): Map<string, InodeNumbers> => {
  const stat = new Kstat()
  return new Map(mounted.map((path) => {
    must(sys.lstat(init, path, stat), path)
    return [path, { dev: stat.dev, ino: inodes.get(path) ?? stat.ino }]
  }))
}

/** Throws SandboxError if a folder of the host is not the one that the other box had. */
export const checkFolders = (
  now: ReadonlyMap<string, InodeNumbers>, before: ReadonlyMap<string, InodeNumbers>,
): void => {
  for (const [path, { ino }] of before) if (now.get(path)?.ino !== ino) throw gone(path, 'mounts')
}

/** Names of a policy that are places, each once. */
export const pathsOf = (allow: Allow): string[] => {
  const { write, read, exec } = wholeAllow(allow)
  return [...new Set([...write, ...read, ...exec])]
}
