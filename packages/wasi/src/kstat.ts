export class Kstat {
  dev = 0
  ino = 0
  mode = 0
  nlink = 0
  uid = 0
  gid = 0
  rdev = 0
  size = 0
  atime_sec = 0
  atime_nsec = 0
  mtime_sec = 0
  mtime_nsec = 0
  ctime_sec = 0
  ctime_nsec = 0
}
