/** Finds the prototype of a helper for a program. */
import type { HelperPrototype } from './prototypes.ts'
import { helperPrototypes } from './prototypes.ts'

const byId = new Map<number, HelperPrototype[]>()
for (const prototype of helperPrototypes) {
  const known = byId.get(prototype.id)
  if (known === undefined) byId.set(prototype.id, [prototype])
  else known.push(prototype)
}

export const helperChangesPacket = (id: number): boolean =>
  byId.get(id)?.some((prototype) => prototype.changesPacket) ?? false

/** Every line of the table with that number. */
export const helperLines = (id: number): readonly HelperPrototype[] => byId.get(id) ?? []
