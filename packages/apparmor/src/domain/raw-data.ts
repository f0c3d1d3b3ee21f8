/** The bytes of one write of policy, kept for those that read them back (struct aa_loaddata). */
export interface RawData {
  readonly bytes: Uint8Array
  readonly abi: number
  /** The directory `raw_data/N` has this number. */
  readonly id: number
  revision: number
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
