/**
 * An automaton as the kernel keeps it (chfa, struct aa_dfa): the transitions of all states lie in one array, each state
 * at its base, and `check` names the owner of a place. A place that belongs to another state is not a transition: the
 * state's default holds then.
 */

/** The table set has states whose transitions are the differences from their default state. */
export const DFA_DIFF_ENCODE = 1
/** The table set has states with an out-of-band transition. */
export const DFA_OOB_TRANSITIONS = 2

/** Bits of a base word beside the index. */
export const BASE_INDEX = 0xffffff
export const STATE_DIFF_ENCODE = 0x80000000
export const STATE_OOB_TRANSITION = 0x20000000

/** The state that nothing leaves. */
export const DFA_NOMATCH = 0
/** Where matching starts unless the policy names another state. */
export const DFA_START = 1

export interface Dfa {
  /** DFA_DIFF_ENCODE and DFA_OOB_TRANSITIONS. */
  readonly flags: number
  /** A word a state: permissions in the older form, else an index into the permission table. */
  readonly accept: Uint32Array
  /** A word a state in the older form: audit and quiet bits. */
  readonly accept2: Uint32Array | null
  /** A word a state: index of its transitions, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION. */
  readonly base: Uint32Array
  /** The state that a transition belongs to; as long as `next`. */
  readonly check: Uint16Array
  readonly next: Uint16Array
  /** A state a state: where it goes without a transition of its own. As long as `base`. */
  readonly def: Uint16Array
  /** 256 classes of bytes; null where each byte is its own. */
  readonly equivalence: Uint8Array | null
}
