/** The ways to compare: opening a file six names deep under layers of Landlock, a list of prefixes, or neither. */

export type Way = 'without' | 'unrestricted' | 'layers' | 'plain walk' | 'prefix list'

export interface LandlockArgs {
  readonly way: Way
  /** Layers, or prefixes of each of as many lists. */
  readonly layers: number
  /** Rules in each. */
  readonly rules: number
}
