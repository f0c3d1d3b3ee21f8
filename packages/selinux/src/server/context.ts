/** A security context under one policy, by values; its text is made by the policy that it belongs to. */
import type { MlsLevel } from './levels.ts'

export class SecurityContext {
  readonly user: number
  readonly role: number
  readonly type: number
  readonly low: MlsLevel
  readonly high: MlsLevel

  constructor(user: number, role: number, type: number, low: MlsLevel, high: MlsLevel) {
    this.user = user
    this.role = role
    this.type = type
    this.low = low
    this.high = high
  }

  /** Levels of one policy are equal only when identical. */
  equals({ user, role, type, low, high }: SecurityContext): boolean {
    return this.type === type && this.user === user && this.role === role && this.low === low && this.high === high
  }
}
