/** Refused capabilities that were recorded a short while ago: they are not recorded again (`audit_cache`). */
import type { Cred } from '@lsmkit/core'
import type { LoadedProfile } from '../domain/objects.ts'

export interface CapabilityCache {
  /** Whether this one is known already. If it is not, it is from now on. */
  isRepeated(profile: LoadedProfile, cred: Cred, cap: number): boolean
}

/** Of one profile, without end: 6.12. */
class ByProfile implements CapabilityCache {
  #profile: LoadedProfile | null = null
  #caps = 0n

  isRepeated(profile: LoadedProfile, _cred: Cred, cap: number): boolean {
    const bit = 1n << BigInt(cap)
    if (this.#profile === profile && (this.#caps & bit) !== 0n) return true
    if (this.#profile !== profile) this.#caps = 0n
    this.#profile = profile
    this.#caps |= bit
    return false
  }
}

/** Of one set of credentials, for a while. The times outlive the credentials, as in the kernel. */
class ByCred implements CapabilityCache {
  readonly #pause: number
  readonly #now: () => number
  readonly #ends = new Map<number, number>()
  #cred: Cred | null = null

  constructor(pause: number, now: () => number) {
    this.#pause = pause
    this.#now = now
  }

  isRepeated(_profile: LoadedProfile, cred: Cred, cap: number): boolean {
    const now = this.#now()
    const end = this.#ends.get(cap)
    if (this.#cred === cred && end !== undefined && now <= end) return true
    this.#cred = cred
    this.#ends.set(cap, now + this.#pause)
    return false
  }
}

/** `pause`: nanoseconds, or null without end; `now` gives the time in nanoseconds. */
export const capabilityCache = (pause: number | null, now: () => number): CapabilityCache =>
  (pause === null ? new ByProfile() : new ByCred(pause, now))
