/** What programs of a stack know an object by. */

export interface Handled {
  /** A number of the engine that runs the programs; 0 until one of them needs it, -1 when the object has ended. */
  handle: number
}
