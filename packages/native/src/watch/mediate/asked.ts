/** One call that is mediated, its answer, and the parts that find it. */
import type { HostHands } from '../host-hands.ts'
import type { HostPlaces } from '../host-places.ts'
import type { HostTasks } from '../host-tasks.ts'
import type { Mirror } from '../mirror.ts'
import type { Mirrored, MirrorTasks } from '../mirror-tasks.ts'
import type { Need } from '../needs.ts'
import type { Notification } from '../notification.ts'
import type { Waits } from '../waits.ts'

export interface Asked {
  readonly call: Notification
  readonly of: Mirrored
  /** The thread of the host that asks. */
  readonly tid: number
}

/** The kernel makes the call. */
export const GO_ON = Symbol('go on')
/** The call is answered already, or will be. */
export const LATER = Symbol('later')
/** A number is the answer of the call: from 0, or -errno. */
export type Answer = number | typeof GO_ON | typeof LATER

export interface Mediating {
  readonly mirror: Mirror
  readonly tasks: MirrorTasks
  readonly places: HostPlaces
  readonly hands: HostHands
  readonly host: HostTasks
  readonly waits: Waits
  /** The path that the call is about. */
  about: string | null
  /** Whether a module has refused the last question. */
  readonly wasRefused: boolean
  /** The answer of the mirror's kernel; the records of it are those that count. */
  ask(step: () => number): number
  /** Whether abstract UNIX sockets of other programs are out of reach. */
  readonly isScoped: boolean
  /** 0, or -EACCES where the policy's rules do not grant all of it. */
  within(...needs: readonly Need[]): number
  withinPort(port: number, right: number): number
}
