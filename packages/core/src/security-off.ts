/** A kernel without CONFIG_SECURITY in the shape one boots from: `bootKernel({ stack: securityOff(…) })`. */
import { configSecurityOff } from './config-security-off.ts'
import type { SecurityOffOptions } from './config-security-off.ts'
import type { AnyKeyMap } from './hooks/release-maps.ts'
import type { Host } from './host.ts'
import { DEFAULT_PROFILE } from './kernel-rules.ts'
import type { Profile } from './kernel-rules.ts'
import type { PseudoFs } from './pseudo-fs.ts'
import { createStack } from './stack.ts'
import type { Stack } from './stack.ts'

/** No LSM is there; only capabilities and functions bound to call sites still decide. */
export class SecurityOff {
  readonly names: readonly string[] = []
  readonly ids: readonly number[] = []
  readonly pseudoFs: readonly PseudoFs[] = []
  readonly profile: Profile
  readonly lsm: AnyKeyMap
  readonly current: Stack['current']
  readonly objects: Stack['objects']
  /** Lends the cell of the current task and the object factories; no kernel asks its hooks. */
  readonly #nobody: Stack

  constructor(options: Pick<SecurityOffOptions, 'capability' | 'overrides' | 'profile'>, nobody: Stack) {
    const { current, objects, host } = nobody
    this.profile = options.profile ?? DEFAULT_PROFILE
    this.lsm = configSecurityOff<Profile>({ ...options, current, host })
    this.current = current
    this.objects = objects
    this.#nobody = nobody
  }

  get host(): Host {
    return this.#nobody.host
  }
  set host(host: Host) {
    this.#nobody.host = host
  }
}

/** `capability` is the LSM whose functions still decide: `capability()`. */
export const securityOff = (options: Pick<SecurityOffOptions, 'capability' | 'overrides' | 'profile'>): SecurityOff =>
  new SecurityOff(options, createStack({ lsms: [], capability: 'none' }))
