/** Device numbers: 12 bits of major and 20 bits of minor. Programs see them encoded in another way (linux/kdev_t.h). */

export const MKDEV = (major: number, minor: number): number => ((major << 20) | minor) >>> 0
export const MAJOR = (dev: number): number => dev >>> 20
export const MINOR = (dev: number): number => dev & 0xfffff

/** The encoding for programs: bits 0 to 7 minor, 8 to 19 major, 20 to 31 the rest of minor. */
export const new_encode_dev = (dev: number): number =>
  ((MINOR(dev) & 0xff) | (MAJOR(dev) << 8) | ((MINOR(dev) & ~0xff) << 12)) >>> 0
export const new_decode_dev = (dev: number): number =>
  MKDEV((dev & 0xfff00) >>> 8, (dev & 0xff) | ((dev >>> 12) & 0xfff00))
