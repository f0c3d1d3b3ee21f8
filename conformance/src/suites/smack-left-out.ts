/**
 * The effects of the sets that the recorded log leaves out. The table is a sample: whole sets of rows are not in it,
 * but later rows read rules and labels those sets had made. Where the row numbers jump over a set, its last state is
 * written instead; a log without gaps gets nothing.
 */

export interface LeftOut {
  readonly first: number
  readonly last: number
  /** Writes of load2 that come to the same state, labels made in the same order. */
  readonly rules: readonly string[]
}

const x = (count: number): string => 'x'.repeat(count)

export const leftOut: readonly LeftOut[] = [
  // every set of modes from S to O, one after another
  { first: 6551, last: 16406, rules: ['S O rwxatlb'] },
  // random rules among R1 to R4 and the special labels, then the fixed format with labels of 22 to 24 bytes
  {
    first: 19915,
    last: 24083,
    rules: [
      'R1 R1 wl', 'R1 R3 atlb', 'R2 R1 rtlb', 'R1 R4 rxatl', 'R1 _ wl', 'R1 ^ rwxalb', 'R1 R2 rxtl',
      'R2 ^ wxatlb', 'R2 R2 rwa', 'R2 R3 rwb', 'R2 R4 rlb', 'R2 _ rwatb',
      'R3 R3 wxal', 'R3 R4 rat', 'R3 _ wxl', 'R3 ^ rwal', 'R3 R1 wxl', 'R3 R2 rwlb',
      'R4 R3 rwxlb', 'R4 R2 rxal', 'R4 _ rwxab', 'R4 ^ rwtlb', 'R4 R1 wxb',
      '_ _ rl', '_ ^ rxl', '_ R2 ra', '_ R4 ralb', '_ R3 rwxat',
      '^ _ rwa', '^ ^ wxal', '^ R1 rwxtb', '^ R2 rwxatl', '^ R4 rt', '^ R3 r',
      'F1 F2 rwxatl', `${x(22)} F2 rwxat`, `${x(23)} F2 rwxat`, `${x(24)} F2 rwxat`, 'a F2 rwxat',
    ],
  },
  // questions about labels that were not there yet; none of their rules is read again
  { first: 24565, last: 26509, rules: ['U1 U2 -', 'U3 Unew -'] },
]
