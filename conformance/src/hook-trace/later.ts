/**
 * Hooks that are asked once a call is over: by RCU, by threads of the kernel, on the way back to user space. Only
 * the operation before makes a kernel ask them, so two kernels can be compared.
 */
export const LATER: ReadonlySet<string> = new Set([
  'sb_delete', 'sb_free_security', 'inode_free_security_rcu', 'msg_queue_free_security', 'shm_free_security',
  'sem_free_security', 'bpf_map_free', 'bpf_prog_free', 'bpf_token_free', 'cred_transfer', 'xfrm_policy_free_security',
  'xfrm_state_free_security', 'bdev_free_security', 'backing_file_free',
])
