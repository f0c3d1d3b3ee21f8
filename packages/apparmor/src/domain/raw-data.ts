/** The bytes of one write of policy, kept for those that read them back (struct aa_loaddata). */
import { hexText, joinedBytes } from '@lsmkit/abi'
import { sha256 } from '@lsmkit/core/sha256'

/** A checksum, computed when somebody first asks for it. */
export class Sha256 {
  readonly #parts: readonly Uint8Array[]
  #hex: string | null = null

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts
  }

  get hex(): string {
    this.#hex ??= hexText(sha256(joinedBytes(this.#parts)))
    return this.#hex
  }
}

/** As `aa_calc_profile_hash`: over the version of the policy, and the profile without its header. */
export const profileHash = (version: number, bytes: Uint8Array): Sha256 => {
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, version, true)
  return new Sha256([head, bytes])
}

export interface RawData {
  readonly bytes: Uint8Array
  readonly abi: number
  /** Null where the policy is not hashed. */
  readonly sha256: Sha256 | null
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
