/**
 * `@lsmkit/apparmor/text`: AppArmor with profiles given as text, for policies that are data. It brings the compiler,
 * which `@lsmkit/apparmor` does without.
 */
import type { Lsm } from '@lsmkit/core'
import { aString, checkOptions, either, listOf, recordOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { PolicyStore } from './domain/policy-store.ts'
import { ApparmorError } from './errors.ts'
import { apparmor as withPolicy } from './lsm.ts'
import { writePolicy } from './policydb/writer.ts'
import { compileProfiles } from './profile/compile.ts'
import { kernelFeatures } from './profile/kernel-features.ts'
import { memoryFiles } from './profile/memory-files.ts'

export { ApparmorError } from './errors.ts'
export { ProfileError } from './profile/errors.ts'

export interface ApparmorTextOptions {
  /** Texts of profiles, loaded in this order. */
  readonly profiles: string | readonly string[]
  /** Files that the texts include: `include <NAME>` finds `NAME` here. */
  readonly files?: Readonly<Record<string, string>>
}

const rules: OptionRules<ApparmorTextOptions> = {
  profiles: required(either(aString, listOf(aString))), files: recordOf(aString),
}

const MAIN = 'profiles'
const FOLDER = 'include'

/** Compiles one text. Throws ProfileError. */
const binaryOf = (text: string, files: Readonly<Record<string, string>>): Uint8Array => {
  const included = Object.entries(files).map(([name, content]) => [`${FOLDER}/${name}`, content])
  const { binary } = compileProfiles(MAIN, {
    files: memoryFiles({ ...Object.fromEntries(included), [MAIN]: text }), include: [FOLDER],
    features: kernelFeatures('6.12'),
  })
  return writePolicy(binary)
}

/** A fresh AppArmor with these profiles loaded. Throws OptionError, ProfileError, and ApparmorError. */
export const apparmor = (options: ApparmorTextOptions): Lsm<'apparmor'> => {
  checkOptions(options, rules, 'apparmor')
  const { profiles, files = {} } = options
  const policy = new PolicyStore()
  for (const text of typeof profiles === 'string' ? [profiles] : profiles) {
    const rc = policy.load(binaryOf(text, files), false)
    if (rc !== 0) throw new ApparmorError('exists', 'a profile of this name is loaded already', { errno: -rc })
  }
  return withPolicy({ policy })
}
