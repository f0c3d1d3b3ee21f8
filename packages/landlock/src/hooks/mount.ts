/** A task that is restricted in the file system may not change what lies where. File systems that are taken down. */
import { EPERM } from '@lsmkit/abi'
import type { AuditKind, AuditSources, HookTable } from '@lsmkit/core'
import { refuse } from '../denial.ts'
import { currentFsDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

const topology = <K extends AuditKind>(landlock: Landlock, kind: K, object: AuditSources[K]): number => {
  const domain = currentFsDomain(landlock)
  if (domain === null) return 0
  let { depth } = domain
  while (domain.layer(depth).handled.fs === 0) depth--
  return refuse(landlock, { rc: -EPERM, domain, depth, blockers: 'fs.change_topology', kind, object })
}

export const mountHooks: HookTable<Landlock> = {
  sb_mount: (landlock, _dev, path) => topology(landlock, 'path', path),
  move_mount: (landlock, _from, to) => topology(landlock, 'path', to),
  sb_umount: (landlock, mnt) => topology(landlock, 'dentry', mnt.mnt_root),
  sb_remount: (landlock, sb) => topology(landlock, 'super_block', sb),
  sb_pivotroot: (landlock, _old, next) => topology(landlock, 'path', next),
  sb_delete(landlock, sb) {
    landlock.named?.forget(sb)
  },
  // what directories remember goes with them
  inode_free_security_rcu() {},
}
