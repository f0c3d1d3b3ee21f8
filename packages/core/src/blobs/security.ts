/**
 * Where LSM state sits. An LSM that is alone on a kind of object has its state as the object's `security` itself; those
 * of several share one class of eight slots, so that every secured object of every stack has the same shape.
 */
import type { Secured, Security } from '../objects/secured.ts'

export const SLOT_COUNT = 8
/** Stands for a slot where there are none: the state is all that hangs on the object. */
export const ALONE = 8

/** Makes one LSM's state for a fresh object; stands for the zeroed memory the kernel hands out. */
export type Initialiser = (object: never) => unknown

/** Fills an unused slot; detected by comparison, because V8 does not inline the call where kinds share code. */
export const unused = (): null => null

/** A slot for each initialiser, always eight: the measured equal of a class generated for the stack, without eval. */
export class SecuritySlots {
  s0: unknown
  s1: unknown
  s2: unknown
  s3: unknown
  s4: unknown
  s5: unknown
  s6: unknown
  s7: unknown

  constructor(
    object: never,
    i0: Initialiser,
    i1: Initialiser,
    i2: Initialiser,
    i3: Initialiser,
    i4: Initialiser,
    i5: Initialiser,
    i6: Initialiser,
    i7: Initialiser,
  ) {
    this.s0 = i0 === unused ? null : i0(object)
    this.s1 = i1 === unused ? null : i1(object)
    this.s2 = i2 === unused ? null : i2(object)
    this.s3 = i3 === unused ? null : i3(object)
    this.s4 = i4 === unused ? null : i4(object)
    this.s5 = i5 === unused ? null : i5(object)
    this.s6 = i6 === unused ? null : i6(object)
    this.s7 = i7 === unused ? null : i7(object)
  }
}

/** Which slot each blob has in one stack, by the number of the blob. */
export type SlotMap = ReadonlyMap<number, number>

/**
 * State in a stack where some blob could not have the slot it has in an earlier one (`plan` in blob.ts): it says itself
 * what lies where. A second shape costs readers a comparison, and only processes with such stacks have it.
 */
export class MovedSecurity extends SecuritySlots {
  readonly slots: SlotMap

  constructor(slots: SlotMap, object: never, i: readonly Initialiser[]) {
    const [i0 = unused, i1 = unused, i2 = unused, i3 = unused, i4 = unused, i5 = unused, i6 = unused, i7 = unused] = i
    super(object, i0, i1, i2, i3, i4, i5, i6, i7)
    this.slots = slots
  }
}

export type Reader = (object: Secured) => unknown

/** Reads blob `number` where it may have been moved; everywhere else `atHome` does. */
export const movedReader = (number: number, atHome: Reader): Reader =>
  (object) => {
    const { security } = object
    return security instanceof MovedSecurity ? slotOf(security, security.slots.get(number)!) : atHome(object)
  }

const slotOf = (security: SecuritySlots, slot: number): unknown => security[`s${slot}` as keyof SecuritySlots]

export const setSlot = (security: Security, slot: number, state: unknown): void => {
  (security as SecuritySlots)[`s${slot}` as keyof SecuritySlots] = state
}
