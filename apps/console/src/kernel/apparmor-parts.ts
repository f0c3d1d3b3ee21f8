/** AppArmor with the profile of the console's guests, compiled in the tab; a text that is loaded later replaces it. */
import { apparmor } from '@lsmkit/apparmor'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { compileProfiles, kernelFeatures, memoryFiles } from '@lsmkit/apparmor/profile'
import type { CompileResult } from '@lsmkit/apparmor/profile'
import { PolicyStore } from '@lsmkit/apparmor/query'
import type { Lsm } from '@lsmkit/core'
import guest from './guest.profile?raw'

/** The name of the text in places: `guest:3`. */
export const FILE = 'guest'

export interface ProfileText {
  readonly text: string
  readonly compiled: CompileResult
}

/** Throws ProfileError. */
export const compiledText = (text: string): ProfileText => ({
  text,
  compiled: compileProfiles(FILE, { files: memoryFiles({ [FILE]: text }), features: kernelFeatures('6.12') }),
})

let guests: ProfileText | null = null

/** The profiles that a machine starts with. */
export const guestText = (): ProfileText => (guests ??= compiledText(guest))

export interface ApparmorParts {
  readonly lsm: Lsm
  /** The profiles that the kernel enforces now. */
  loaded: ProfileText
}

export const apparmorParts = (): ApparmorParts => {
  const loaded = guestText()
  const policy = new PolicyStore()
  const rc = policy.load(writePolicy(loaded.compiled.binary), false)
  if (rc !== 0) throw new Error(`the profile of the guests is refused: ${rc}`)
  return { lsm: apparmor({ policy }), loaded }
}
