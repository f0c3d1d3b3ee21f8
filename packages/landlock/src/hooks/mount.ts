/** A task that is restricted in the file system may not change what lies where. File systems that are taken down. */
import { EPERM } from '@lsmkit/abi'
import type { AuditKind, AuditSources, HookGroup } from '@lsmkit/core'
import { refuse } from '../denial.ts'
import { currentFsDomain } from '../state.ts'
import type { Landlock } from '../state.ts'

export const mountHooks = (landlock: Landlock): HookGroup => {
  const topology = <K extends AuditKind>(kind: K, object: AuditSources[K]): number => {
    const domain = currentFsDomain(landlock)
    if (domain === null) return 0
    let { depth } = domain
    while (domain.layer(depth).handled.fs === 0) depth--
    return refuse(landlock, { rc: -EPERM, domain, depth, blockers: 'fs.change_topology', kind, object })
  }
  return {
    sb_mount: (_dev, path) => topology('path', path),
    move_mount: (_from, to) => topology('path', to),
    sb_umount: (mnt) => topology('dentry', mnt.mnt_root),
    sb_remount: (sb) => topology('super_block', sb),
    sb_pivotroot: (_old, next) => topology('path', next),
    sb_delete(sb) {
      landlock.named?.forget(sb)
    },
    // what directories remember goes with them
    inode_free_security_rcu() {},
  }
}
