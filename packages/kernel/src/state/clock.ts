/** The host's clock, and the time as inodes are stamped with it. */

/** Milliseconds since the epoch, with fractions where the host has them. */
export type Clock = () => number

/** `struct timespec64` of now. */
export interface Now {
  sec: number
  nsec: number
}
