/** Output parameters of C: `u32 *secid` is `Ref<number>`, `void **buffer` is `Ref<Uint8Array | null>`. */
export interface Ref<T> {
  value: T
}

/** A fresh output parameter that holds `value` until somebody writes it. */
export const ref = <T>(value: T): Ref<T> => ({ value })
