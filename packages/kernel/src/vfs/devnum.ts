/**
 * Device numbers: twelve bits of major and twenty of minor inside, folded differently for programs
 * (linux/kdev_t.h).
 */

export const MKDEV = (major: number, minor: number): number => ((major << 20) | minor) >>> 0
export const MAJOR = (dev: number): number => dev >>> 20
export const MINOR = (dev: number): number => dev & 0xfffff

/** As programs write it: minor 0..7, major 8..19, the rest of minor above. */
export const new_encode_dev = (dev: number): number =>
  ((MINOR(dev) & 0xff) | (MAJOR(dev) << 8) | ((MINOR(dev) & ~0xff) << 12)) >>> 0
export const new_decode_dev = (dev: number): number =>
  MKDEV((dev & 0xfff00) >>> 8, (dev & 0xff) | ((dev >>> 12) & 0xfff00))
