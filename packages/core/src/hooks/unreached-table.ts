/**
 * Hooks that no recorded operation reaches in our kernel, each with the reason. Together with the table of call sites
 * it has every hook once; a test fails where it does not.
 */
export const unreachedHooks: Readonly<Record<string, string>> = {
  quota_on: 'Asked for a file with quotas, which ext4 and its like keep; no file system of this kernel has one.',
  fs_context_submount: 'NFS, CIFS and FUSE, which are not here, ask it for mounts below their own; from 6.18 on so does debugfs.',
  fs_context_dup: 'Asked by vfs_dup_fs_context, for file systems of the network alone; none of them is here.',
  sb_mnt_opts_compat: 'Asked by NFS and Btrfs when one server or device is mounted again; none of them is here.',
  sb_clone_mnt_opts: 'NFS alone clones the options of one super block to another; it is not here.',
  dentry_init_security: 'NFSv4, Ceph and FUSE alone label a name before they make it on a server; none is here.',
  inode_free_security_rcu: 'Called once nobody looks at an inode with state of a module; the kernels\' own call shows in no trace.',
  inode_setintegrity: 'Asked when fs-verity is switched on for a file; no file system of this kernel has fs-verity.',
  file_ioctl_compat: 'Asked by the ioctl of 32-bit programs; guests of this kernel are 64-bit or WebAssembly.',
  inode_invalidate_secctx: 'GFS2 alone says that labels on its server have changed; it is not here.',
  inode_notifysecctx: 'NFS and kernfs alone learn labels from elsewhere; NFS is not here, and kernfs gets none.',
  inode_setsecctx: 'The servers and clients of NFS alone set labels by it; they are not here.',
  inode_getsecctx: 'The servers of NFS and Ceph alone read labels by it; they are not here.',
  post_notification: 'Debian builds its kernels without CONFIG_WATCH_QUEUE, so that no recorded kernel asks it.',
  watch_key: 'Debian builds its kernels without CONFIG_KEY_NOTIFICATIONS, so that no recorded kernel asks it.',
  secmark_relabel_packet: 'Asked by rules of netfilter with a SECMARK; this kernel has no netfilter.',
  secmark_refcount_inc: 'Called by rules of netfilter with a SECMARK; this kernel has no netfilter.',
  secmark_refcount_dec: 'Called by rules of netfilter with a SECMARK; this kernel has no netfilter.',
  ib_pkey_access: 'Asked by InfiniBand; this kernel has no such device, nor has any virtual machine.',
  ib_endport_manage_subnet: 'Asked by InfiniBand; this kernel has no such device, nor has any virtual machine.',
  ib_alloc_security: 'Asked by InfiniBand; this kernel has no such device, nor has any virtual machine.',
  xfrm_state_alloc_acquire: 'Asked when a packet needs a state that nobody has made; packets of the loopback need none.',
  xfrm_state_pol_flow_match: 'Asked when a packet chooses among states; packets of the loopback are not transformed.',
  audit_rule_known: 'Asked when a new policy of SELinux is loaded while the audit system has rules.',
  initramfs_populated: 'Asked once at boot before the first program; this kernel boots without an initramfs.',
  bdev_setintegrity: 'Asked by dm-verity when it opens a device; hosts alone make such devices here.',
}
