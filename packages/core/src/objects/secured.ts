/** The fields that every object with LSM state has in common. */

/**
 * One object's LSM state, filled when the object is allocated (blob.ts): that of the one LSM which keeps any on this
 * kind, or a slot for each of several (blobs/security.ts). Stands for the kernel's `security`, `i_security`,
 * `f_security`, `s_security`, `sk_security` and their like.
 */
export type Security = object

/** An object that modules keep state on. */
export interface Secured {
  /** null where no LSM in the stack keeps state on this kind of object. */
  security: Security | null
}
