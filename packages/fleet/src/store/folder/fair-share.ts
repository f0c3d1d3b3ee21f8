/** The slots of a full log that give way: the oldest of the keys with most bytes, so that no flood keeps others out. */

/** A slot of a log; one whose records gave way has none, and is left as a name that is taken. */
export interface LogSlot {
  readonly generation: string
  readonly slot: number
  readonly key: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly isEmpty: boolean
}

/** What each key may have, so that all of them have `most` together: who has less than its share leaves the rest. */
const shareOf = (totals: ReadonlyMap<string, number>, most: number): number => {
  const sorted = [...totals.values()].sort((a, b) => a - b)
  let left = most
  for (const [at, total] of sorted.entries()) {
    const share = left / (sorted.length - at)
    if (total > share) return share
    left -= total
  }
  return Infinity
}

/** `slots` are in their order. */
export const givingWay = (slots: readonly LogSlot[], mostBytes: number): readonly LogSlot[] => {
  const totals = new Map<string, number>()
  let emptied = 0
  for (const { key, bytes, isEmpty } of slots) {
    if (isEmpty) emptied += bytes
    else totals.set(key, (totals.get(key) ?? 0) + bytes)
  }
  const share = shareOf(totals, Math.max(0, mostBytes - emptied))
  return slots.filter(({ key, bytes, isEmpty }) => {
    const total = totals.get(key) ?? 0
    if (isEmpty || total <= share) return false
    totals.set(key, total - bytes)
    return true
  })
}
