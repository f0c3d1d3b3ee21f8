/**
 * Operations of hook-trace.tsv that golden/operations.md describes and no recorded row has: C text as the rows bring
 * it, and the errno that the kernel's source says they come to.
 */
import type { DescribedTraces } from './hook-trace/described-trace.ts'
import { fileTraces } from './hook-trace/files.ts'
import { ipcTraces } from './hook-trace/ipc.ts'
import { systemTraces } from './hook-trace/system.ts'
import { taskTraces } from './hook-trace/tasks.ts'

export const describedTraces: DescribedTraces = { ...fileTraces, ...taskTraces, ...ipcTraces, ...systemTraces }

/** Why nobody can play them here, and their ids. */
const unplayable: Readonly<Record<string, readonly string[]>> = {
  'ext4 is another file system': [
    'ext4_open', 'ext4_reserved_full', 'mount_ext4', 'quotactl_on', 'quotactl_get', 'quotactl_get_user',
  ],
  'this kernel has no policies of IPsec': ['xfrm_newpolicy', 'xfrm_delpolicy', 'xfrm_send', 'xfrm_sockpolicy_clone'],
  'this kernel has no rules of the audit system': ['audit_del_rule', 'aud_openat', 'aud_kill', 'aud_shmctl'],
  'this kernel has no loop devices': ['loop_add'],
  'a module for another machine is not loaded': ['finit_module_good', 'init_module_good'],
  'only the row shows how it is made': ['alarm_fires', 'bpf_token_userns', 'mem_read', 'pivot_root_'],
  'overlays are counted as another file system': ['ovl_mount', 'ovl_open_read', 'ovl_create', 'ovl_mmap', 'ovl_mkdir'],
}

/** By id. */
export const unplayableTraces: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(unplayable).flatMap(([why, ids]) => ids.map((id) => [id, why])),
)
