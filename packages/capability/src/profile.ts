/** The rules of capabilities by kernel release: the part of core's table that this package reads. */
import { kernelRules } from '@lsmkit/core'
import type { KernelRules, Profile } from '@lsmkit/core'

export interface Rules extends Pick<KernelRules, 'idChange' | 'securebits' | 'unprivilegedSecurebits'> {}

/** The rules of a kernel. Throws OptionError for a release that has none. */
export const rulesOf = (profile: Profile): Rules => kernelRules(profile)
