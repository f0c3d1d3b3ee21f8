/** The MAY_* request mask of `inode_permission` and `file_permission`. */

export const MAY_EXEC = 0x1
export const MAY_WRITE = 0x2
export const MAY_READ = 0x4
export const MAY_APPEND = 0x8
export const MAY_ACCESS = 0x10
export const MAY_OPEN = 0x20
export const MAY_CHDIR = 0x40
export const MAY_NOT_BLOCK = 0x80
