/** The values that rules may name a type by: its own, and those of its attributes. */
import type { Policydb } from './policydb.ts'

/** By type value. */
export const valuesByType = ({ typeAttributes }: Policydb): readonly (readonly number[])[] =>
  [[], ...typeAttributes.map((attributes, i) => {
    const values = [i + 1]
    attributes.forEach((bit) => void (bit !== i && values.push(bit + 1)))
    return values
  })]
