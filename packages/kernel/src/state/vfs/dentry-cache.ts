/** Counters of the dentry cache (vfs/dcache.ts). The names themselves lie in `d_children` of their directories. */
export class DentryCache {
  /** Cached names that can be looked up again. */
  reclaimable = 0
  /** How many of them the last reclaim has left. */
  left = 0
}
