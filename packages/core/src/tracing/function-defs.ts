/** Functions of the kernel that fentry and fexit programs may be put around beside hooks: result and arguments as in C. */

export const functionDefs = {
  vfs_read: { ret: 'ssize_t', params: 'struct file *file, char *buf, size_t count, loff_t *pos' },
  vfs_write: { ret: 'ssize_t', params: 'struct file *file, const char *buf, size_t count, loff_t *pos' },
  vfs_open: { ret: 'int', params: 'const struct path *path, struct file *file' },
  filp_close: { ret: 'int', params: 'struct file *filp, void *id' },
  vfs_truncate: { ret: 'long', params: 'const struct path *path, loff_t length' },
  vfs_fallocate: { ret: 'int', params: 'struct file *file, int mode, loff_t offset, loff_t len' },
  vfs_unlink: {
    ret: 'int',
    params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, struct inode **delegated_inode',
  },
  vfs_rmdir: { ret: 'int', params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry' },
  vfs_mkdir: { ret: 'int', params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode' },
  vfs_mknod: {
    ret: 'int', params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev',
  },
  vfs_create: {
    ret: 'int',
    params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode, bool want_excl',
  },
  vfs_symlink: {
    ret: 'int', params: 'struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, const char *oldname',
  },
  vfs_link: {
    ret: 'int',
    params: 'struct dentry *old_dentry, struct mnt_idmap *idmap, struct inode *dir, struct dentry *new_dentry, ' +
      'struct inode **delegated_inode',
  },
  vfs_rename: { ret: 'int', params: 'struct renamedata *rd' },
  vfs_setxattr: {
    ret: 'int',
    params: 'struct mnt_idmap *idmap, struct dentry *dentry, const char *name, const void *value, size_t size, int flags',
  },
  notify_change: {
    ret: 'int',
    params: 'struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr, struct inode **delegated_inode',
  },
  do_unlinkat: { ret: 'int', params: 'int dfd, struct filename *name' },
  do_rmdir: { ret: 'int', params: 'int dfd, struct filename *name' },
  do_mkdirat: { ret: 'int', params: 'int dfd, struct filename *name, umode_t mode' },
  do_renameat2: {
    ret: 'int', params: 'int olddfd, struct filename *from, int newdfd, struct filename *to, unsigned int flags',
  },
  do_symlinkat: { ret: 'int', params: 'struct filename *from, int newdfd, struct filename *to' },
  do_linkat: {
    ret: 'int', params: 'int olddfd, struct filename *old, int newdfd, struct filename *new, int flags',
  },
  path_mount: {
    ret: 'int',
    params: 'const char *dev_name, struct path *path, const char *type_page, unsigned long flags, void *data_page',
  },
  path_umount: { ret: 'int', params: 'struct path *path, int flags' },
  do_filp_open: { ret: 'struct file *', params: 'int dfd, struct filename *pathname, const struct open_flags *op' },
  kernel_clone: { ret: 'pid_t', params: 'struct kernel_clone_args *args' },
  do_exit: { ret: 'void', params: 'long code' },
  do_group_exit: { ret: 'void', params: 'int exit_code' },
  commit_creds: { ret: 'int', params: 'struct cred *new' },
  begin_new_exec: { ret: 'int', params: 'struct linux_binprm *bprm' },
} as const

export type FunctionName = keyof typeof functionDefs
export const functionNames = Object.keys(functionDefs) as FunctionName[]
