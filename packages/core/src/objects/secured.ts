/** What every object that can carry LSM state has in common. */

/**
 * One object's LSM state: a slot for each registered blob, filled when the object is allocated (blob.ts).
 * Stands for the kernel's `security`, `i_security`, `f_security`, `s_security`, `sk_security` and their like.
 */
export interface Security {
  s0: unknown
  s1: unknown
  s2: unknown
  s3: unknown
  s4: unknown
  s5: unknown
  s6: unknown
  s7: unknown
}

export interface Secured {
  /** null where no LSM in the stack keeps state on this kind of object. */
  security: Security | null
}
