/** The remaining refusals of a domain at a place: for each right of the file system the layers that refuse it. */
import { FS_RIGHTS } from './rights.ts'

export class Refusals {
  /** By right, a bit a layer. Never changed. */
  readonly layers: Int32Array
  /** The rights that no layer refuses. */
  readonly granted: number
  /** The layers that have a quiet rule on the way, as bits. */
  readonly quiet: number

  constructor(layers: Int32Array, quiet = 0) {
    this.layers = layers
    this.quiet = quiet
    let granted = 0
    for (let bit = 0; bit < FS_RIGHTS; bit++) if (layers[bit] === 0) granted |= 1 << bit
    this.granted = granted
  }
}

/** As `get_denied_layer`: the youngest layer that refuses any of the request, and what of it that layer refuses. */
export const youngest = (layers: Int32Array, request: number): { rights: number; depth: number } => {
  let depth = 0
  let rights = 0
  for (let bit = 0; bit < FS_RIGHTS; bit++) {
    if ((request & (1 << bit)) === 0 || layers[bit] === 0) continue
    const top = 32 - Math.clz32(layers[bit]!)
    if (top > depth) rights = 0
    if (top >= depth) rights |= 1 << bit
    if (top > depth) depth = top
  }
  return { rights, depth }
}

/** Nothing is refused: files that no path leads to. */
export const NOTHING_REFUSED = new Refusals(new Int32Array(FS_RIGHTS))
