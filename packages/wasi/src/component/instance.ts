/** An instance of a component: the handles it holds, and what holds for calls out of it. */
import { Handles } from './handles.ts'
import type { Owner } from './resources.ts'

export class ComponentInstance implements Owner {
  readonly handles = new Handles()
  mayLeave = true
  /** Something it calls may have to wait, or something that it calls calls that. */
  mayWait = false
}
