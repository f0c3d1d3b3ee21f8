/** Results of the stat and statfs calls (`struct kstat`, `struct kstatfs`); times are seconds and nanoseconds. */

export class Kstat {
  dev = 0
  ino = 0
  mode = 0
  nlink = 0
  uid = 0
  gid = 0
  rdev = 0
  size = 0
  blksize = 4096
  /** 512-byte units. */
  blocks = 0
  atime_sec = 0
  atime_nsec = 0
  mtime_sec = 0
  mtime_nsec = 0
  ctime_sec = 0
  ctime_nsec = 0
  btime_sec = 0
  btime_nsec = 0
  /** STATX_ATTR_* that hold, and those the file system knows. */
  attributes = 0
  attributes_mask = 0
  mnt_id = 0
  /** STATX_* bits of the fields that mean something. */
  result_mask = 0
}

/** `struct kstatfs`: what statfs(2) answers. */
export class Kstatfs {
  f_type = 0
  f_bsize = 4096
  f_blocks = 0
  f_bfree = 0
  f_bavail = 0
  f_files = 0
  f_ffree = 0
  f_fsid = 0
  f_namelen = 255
  f_frsize = 4096
  f_flags = 0
}
