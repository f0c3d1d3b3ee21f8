/** File types and permission bits of `i_mode` and `st_mode`. */

// File types, under S_IFMT.
export const S_IFMT = 0o170000
export const S_IFSOCK = 0o140000
export const S_IFLNK = 0o120000
export const S_IFREG = 0o100000
export const S_IFBLK = 0o60000
export const S_IFDIR = 0o40000
export const S_IFCHR = 0o20000
export const S_IFIFO = 0o10000

// Set-id and sticky.
export const S_ISUID = 0o4000
export const S_ISGID = 0o2000
export const S_ISVTX = 0o1000

// Permission bits.
export const S_IRWXU = 0o700
export const S_IRUSR = 0o400
export const S_IWUSR = 0o200
export const S_IXUSR = 0o100
export const S_IRWXG = 0o70
export const S_IRGRP = 0o40
export const S_IWGRP = 0o20
export const S_IXGRP = 0o10
export const S_IRWXO = 0o7
export const S_IROTH = 0o4
export const S_IWOTH = 0o2
export const S_IXOTH = 0o1

// Combinations the kernel names (linux/stat.h).
export const S_IRWXUGO = 0o777
export const S_IALLUGO = 0o7777
export const S_IRUGO = 0o444
export const S_IWUGO = 0o222
export const S_IXUGO = 0o111

export const S_ISREG = (mode: number): boolean => (mode & S_IFMT) === S_IFREG
export const S_ISDIR = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR
export const S_ISLNK = (mode: number): boolean => (mode & S_IFMT) === S_IFLNK
export const S_ISCHR = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR
export const S_ISBLK = (mode: number): boolean => (mode & S_IFMT) === S_IFBLK
export const S_ISFIFO = (mode: number): boolean => (mode & S_IFMT) === S_IFIFO
export const S_ISSOCK = (mode: number): boolean => (mode & S_IFMT) === S_IFSOCK

/** The type letter and nine permission letters of `ls -l`: `drwxr-sr-t`; an unknown type is `?`. */
export const modeText = (mode: number): string => {
  const perms = (shift: number, special: number, letter: string) => {
    const x = (mode >> shift) & 1
    const last = mode & special ? (x ? letter : letter.toUpperCase()) : x ? 'x' : '-'
    return (mode & (4 << shift) ? 'r' : '-') + (mode & (2 << shift) ? 'w' : '-') + last
  }
  const type = '?pc?d?b?-?l?s???'[(mode & S_IFMT) >> 12]
  return type + perms(6, S_ISUID, 's') + perms(3, S_ISGID, 's') + perms(0, S_ISVTX, 't')
}
