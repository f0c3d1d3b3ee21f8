/**
 * The features of the kernel whose rules numbers follow now. Operations on numbers do not know their session, and a
 * verification runs to its end before another begins: `verify` sets the rules and takes them back.
 */
import type { Features } from '../kernels/features.ts'
import { kernelProfile } from '../kernels/profile.ts'

export let numberRules: Features = kernelProfile().features

export const followRules = (features: Features): void => {
  numberRules = features
}
