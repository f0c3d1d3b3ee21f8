/**
 * LSM hooks that some releases do not have. Read from the types of 5.10, 6.1, 6.12, 6.18 and 7.3; those of 5.15 and
 * 6.6 follow from the version of Linux that brought each, and no kernel of theirs was asked.
 */
import type { KernelRelease, Span } from './releases.ts'
import { between, from, isWithin, until } from './releases.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)
const spans = (span: Span, names: string): (readonly [string, Span])[] => words(names).map((name) => [name, span])

const hooks = new Map<string, Span>([
  ...spans(until('5.15'), 'task_getsecid'),
  ...spans(until('6.1'), 'sb_add_mnt_opt'),
  ...spans(between('5.15', '6.1'), 'task_getsecid_subj'),
  ...spans(from('5.15'), 'inode_init_security_anon sb_delete sb_mnt_opts_compat'),
  ...spans(between('5.15', '6.18'), 'task_getsecid_obj'),
  ...spans(between('6.1', '6.18'), 'current_getsecid_subj'),
  ...spans(from('6.1'), `
    fs_context_submount sctp_assoc_established task_fix_setgroups uring_cmd uring_override_creds uring_sqpoll
    userns_create`),
  ...spans(until('6.12'), `
    bpf_map_alloc_security bpf_map_free_security bpf_prog_alloc_security bpf_prog_free_security key_free
    perf_event_free tun_dev_free_security`),
  ...spans(from('6.6'), 'file_truncate inode_get_acl inode_remove_acl inode_set_acl mptcp_add_subflow'),
  ...spans(from('6.12'), `
    bdev_alloc_security bdev_free_security bdev_setintegrity bpf_map_create bpf_map_free bpf_prog_free bpf_prog_load
    bpf_token_capable bpf_token_cmd bpf_token_create bpf_token_free file_post_open file_release getselfattr
    initramfs_populated inode_free_security_rcu inode_post_create_tmpfile inode_post_remove_acl inode_post_removexattr
    inode_post_set_acl inode_post_setattr inode_setintegrity inode_xattr_skipcap key_post_create_or_update
    path_post_mknod setselfattr`),
  ...spans(until('6.18'), 'inode_getsecid ipc_getsecid'),
  ...spans(from('6.18'), `
    cred_getlsmprop current_getlsmprop_subj inode_file_getattr inode_file_setattr inode_getlsmprop ipc_getlsmprop
    lsmprop_to_secctx task_getlsmprop_obj uring_allowed`),
  ...spans(from('7.3'), 'unix_find'),
])

/** In stable updates of 6.12 and again in 7.3, so 6.18 is between them without. */
const TWICE = new Set(['backing_file_alloc', 'backing_file_free', 'mmap_backing_file'])

/** Whether the release has the hook, as far as the table goes: hooks that every release has are not in it. */
export const hasHook = (release: KernelRelease, hook: string): boolean => {
  if (TWICE.has(hook)) return release === '6.12' || release === '7.3'
  const span = hooks.get(hook)
  return span === undefined || isWithin(span, release)
}

/** The releases with a hook that others lack; null for one that the table does not have. */
export const hookSpan = (hook: string): Span | null => hooks.get(hook) ?? null
