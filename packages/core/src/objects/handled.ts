/** The handle by which programs of a stack know an object. */

/** An object that programs of a stack can know. */
export interface Handled {
  /** A number of the engine that runs the programs; 0 until one of them needs it, -1 when the object has ended. */
  handle: number
}
