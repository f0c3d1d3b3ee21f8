/** File types of directory entries. */

export const DT_UNKNOWN = 0
export const DT_FIFO = 1
export const DT_CHR = 2
export const DT_DIR = 4
export const DT_BLK = 6
export const DT_REG = 8
export const DT_LNK = 10
export const DT_SOCK = 12
export const DT_WHT = 14
export const DT_MAX = 16

/** As `S_DT`: the DT_ type of an `i_mode`. */
export const S_DT = (mode: number): number => (mode >> 12) & 0o17
