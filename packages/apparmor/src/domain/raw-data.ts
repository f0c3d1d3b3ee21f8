/** The bytes of one write of policy, kept for those that read them back (struct aa_loaddata). */
export interface RawData {
  readonly bytes: Uint8Array
  readonly abi: number
  /** The folder `raw_data/N` has this number: the revision at the time. */
  readonly id: number
  revision: number
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

interface Keeper {
  readonly rawData: RawData | null
  readonly children: readonly Keeper[]
}

const collect = (profiles: readonly Keeper[], used: Set<RawData>): Set<RawData> => {
  for (const { rawData, children } of profiles) {
    if (rawData !== null) used.add(rawData)
    if (children.length > 0) collect(children, used)
  }
  return used
}

/** Lets go of the bytes that no profile is of any more. */
export const dropUnused = (namespace: { readonly profiles: readonly Keeper[]; readonly rawData: RawData[] }): void => {
  const { profiles, rawData } = namespace
  const used = collect(profiles, new Set())
  if (rawData.every((raw) => used.has(raw))) return
  rawData.splice(0, rawData.length, ...rawData.filter((raw) => used.has(raw)))
}
