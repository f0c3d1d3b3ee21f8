/** `struct pt_regs` of a system call: its number and arguments as the caller's registers have them. */

export interface Registers {
  /** Number of the call. */
  readonly orig_ax: number
  /** The result of the call; -ENOSYS until there is one. */
  ax: number
  /** Arguments in order; text and bytes stand for their address in the caller's memory. */
  readonly di: unknown
  readonly si: unknown
  readonly dx: unknown
  readonly r10: unknown
  readonly r8: unknown
  readonly r9: unknown
}
