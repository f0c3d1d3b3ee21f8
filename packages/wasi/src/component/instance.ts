/** An instance of a component: the handles it holds, and what holds for calls out of it. */
import { Handles } from './handles.ts'
import type { Owner } from './resources.ts'

export class ComponentInstance implements Owner {
  readonly handles = new Handles()
  mayLeave = true
  /** Calls that do not begin while this is above 0; those that wait for it. */
  backpressure = 0
  entering = 0
  /** The task whose code is not to be interleaved with that of others. */
  exclusive: object | null = null
  /** It has functions that ask in which task they are. */
  hasTasks = false
  /** Something it calls may have to wait, or something that it calls calls that. */
  mayWait = false
}
