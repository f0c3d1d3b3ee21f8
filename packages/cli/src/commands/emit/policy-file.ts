/** A policy of a box as a file: folders of the host are named from where the file lies. */
import { dirname, resolve } from 'node:path'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { readHostJson } from '../../host-file.ts'
import type { Io } from '../../io.ts'

/** Throws CommandError for a file that cannot be read, and the errors of `checkPolicy`. */
export const readPolicyFile = (io: Io, name: string): Policy => {
  const policy = checkPolicy(readHostJson(io, name), name)
  const folder = name === '-' ? io.cwd : dirname(resolve(io.cwd, name))
  const { mounts } = policy
  if (mounts === undefined) return policy
  return {
    ...policy,
    mounts: Object.fromEntries(Object.entries(mounts).map(([path, place]) =>
      [path, place.kind === 'host-folder' ? { ...place, path: resolve(folder, place.path) } : place])),
  }
}
