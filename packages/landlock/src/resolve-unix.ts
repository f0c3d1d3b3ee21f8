/**
 * Sockets that a path leads to (ABI 9, hook_unix_find): by RESOLVE_UNIX on the path, or because the socket was made
 * inside of the layer that asks for it.
 */
import { EACCES, LANDLOCK_ACCESS_FS_RESOLVE_UNIX } from '@lsmkit/abi'
import type { Path, Sock } from '@lsmkit/core'
import { logDenial, topLayer } from './denial.ts'
import type { Domain } from './domain.ts'
import { rightNames } from './rights.ts'
import { isWithin } from './scopes.ts'
import { currentFsDomain, grantedPath } from './state.ts'
import type { Landlock } from './state.ts'

const BIT = Math.log2(LANDLOCK_ACCESS_FS_RESOLVE_UNIX)

/** 0 or -EACCES. It is not a hook of 6.12: the kernel asks the engine, and only the record of ABI 7 mentions it. */
export const resolveUnix = (landlock: Landlock, path: Path, sk: Sock): number => {
  const client = currentFsDomain(landlock)
  if (client === null || (client.all.fs & LANDLOCK_ACCESS_FS_RESOLVE_UNIX) === 0) return 0
  const file = sk.sk_socket?.file ?? null
  const server = file === null ? null : landlock.blobs.cred(file.f_cred).domain
  let refusing = landlock.places.refusals(client, path).layers[BIT]!
  for (let at: Domain | null = client; at !== null; at = at.parent) {
    if (isWithin(at, server)) refusing &= ~(1 << (at.depth - 1))
  }
  if (refusing === 0) return grantedPath(landlock, client, path, LANDLOCK_ACCESS_FS_RESOLVE_UNIX)
  const blockers = rightNames('fs', LANDLOCK_ACCESS_FS_RESOLVE_UNIX)
  logDenial(landlock, { rc: -EACCES, domain: client, depth: topLayer(refusing), blockers, kind: 'path', object: path })
  return -EACCES
}
