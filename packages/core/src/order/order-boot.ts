/** The boot arguments and the build that ordering follows. */
import { aString, oneOf, orNull, required, wholeNumber } from '../option-rules.ts'
import type { OptionRules } from '../option-rules.ts'

export interface OrderBoot {
  /** CONFIG_LSM: used unless `lsmParam` is given. */
  readonly configLsm: string
  /** Value of the last `lsm=`, null without one. An empty value is one. */
  readonly lsmParam?: string | null
  /** Value of the last `security=`, null without one. */
  readonly securityParam?: string | null
  /** MAX_LSM_COUNT: as many as there are records unless given. */
  readonly maxLsmCount?: number
  /** `allow` leaves every exclusive LSM on: not the kernel's rule. */
  readonly exclusive?: 'one' | 'allow'
}

export const bootRules: OptionRules<OrderBoot> = {
  configLsm: required(aString),
  lsmParam: orNull(aString),
  securityParam: orNull(aString),
  maxLsmCount: wholeNumber(0),
  exclusive: oneOf('one', 'allow'),
}
