/**
 * Sockets that a path leads to (ABI 9, hook_unix_find): by RESOLVE_UNIX on the path, or because the socket was made
 * inside of the layer that asks for it.
 */
import { EACCES, LANDLOCK_ACCESS_FS_RESOLVE_UNIX } from '@lsmkit/abi'
import type { HookTable, Path, Sock } from '@lsmkit/core'
import { logDenial, refuse, topLayer } from './denial.ts'
import type { Blocked } from './denial.ts'
import type { Domain } from './domain.ts'
import { rightNames } from './rights.ts'
import { isWithin } from './scopes.ts'
import { currentFsDomain, grantedPath } from './state.ts'
import type { Landlock } from './state.ts'

const BIT = Math.log2(LANDLOCK_ACCESS_FS_RESOLVE_UNIX)

const BLOCKERS = rightNames('fs', LANDLOCK_ACCESS_FS_RESOLVE_UNIX)

/** What refuses it, or null. */
const refusalOf = (landlock: Landlock, path: Path, sk: Sock): Blocked<'path'> | null => {
  const client = currentFsDomain(landlock)
  if (client === null || (client.all.fs & LANDLOCK_ACCESS_FS_RESOLVE_UNIX) === 0) return null
  const file = sk.sk_socket?.file ?? null
  const server = file === null ? null : landlock.blobs.cred(file.f_cred).domain
  const { layers, quiet } = landlock.places.refusals(client, path)
  let refusing = layers[BIT]!
  for (let at: Domain | null = client; at !== null; at = at.parent) {
    if (isWithin(at, server)) refusing &= ~(1 << (at.depth - 1))
  }
  if (refusing === 0) {
    grantedPath(landlock, client, path, LANDLOCK_ACCESS_FS_RESOLVE_UNIX)
    return null
  }
  return {
    rc: -EACCES, domain: client, depth: topLayer(refusing), blockers: BLOCKERS, kind: 'path', object: path,
    quiet: { of: 'fs', missing: LANDLOCK_ACCESS_FS_RESOLVE_UNIX, layers: quiet },
  }
}

/** 0 or -EACCES. In a kernel without the hook only the record of ABI 7 mentions it. */
export const resolveUnix = (landlock: Landlock, path: Path, sk: Sock): number => {
  const blocked = refusalOf(landlock, path, sk)
  if (blocked === null) return 0
  logDenial(landlock, blocked)
  return blocked.rc
}

/** The hook, where the kernel has it. */
export const unixHooks: HookTable<Landlock> = {
  unix_find(landlock, path, other) {
    const blocked = refusalOf(landlock, path, other)
    return blocked === null ? 0 : refuse(landlock, blocked)
  },
}
