/** The features and limits of one kernel release, as the verifier takes them. */
import type { Features } from './features.ts'
import { featuresOf } from './features.ts'
import type { Limits } from './limits.ts'
import { limitsOf } from './limits.ts'
import type { KernelRelease } from './releases.ts'
import { DEFAULT_RELEASE, kernelReleases } from './releases.ts'

export class KernelProfile {
  readonly release: KernelRelease
  readonly features: Features
  readonly limits: Limits

  constructor(release: KernelRelease) {
    this.release = release
    this.features = featuresOf(release)
    this.limits = limitsOf(release)
  }
}

const profiles = new Map(kernelReleases.map((release) => [release, new KernelProfile(release)]))

/** The same object for the same release. */
export const kernelProfile = (release: KernelRelease = DEFAULT_RELEASE): KernelProfile => profiles.get(release)!
