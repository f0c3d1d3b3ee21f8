/** `struct pid` of numbers that objects keep in its place. */

/** The initial pid namespace, as far as a number knows it. */
const initial = { level: 0, parent: null, inum: 0xeffffffc }

const known = new Map<number, object>()
/** Numbers that are kept; older ones get a new object. */
const MOST = 4096

/** Null for 0; a process group is known by its number, too. */
export const pidOf = (number: number): object | null => {
  const nr = Math.abs(number)
  if (!(nr > 0)) return null
  let pid = known.get(nr)
  if (pid === undefined) {
    if (known.size >= MOST) known.clear()
    known.set(nr, (pid = { ns: initial, numbers: [nr] }))
  }
  return pid
}
