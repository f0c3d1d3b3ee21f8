/** Fields that are given in the place of others. One that is undefined is not given, so it takes nothing away. */
import { ownValue } from '@lsmkit/abi'

/**
 * Those of the first, and in their place those of the others; the last one that is given counts. The first itself where
 * nothing is given.
 */
export const givenOver = <T extends object>(usual: T, ...given: readonly (Partial<T> | undefined)[]): T => {
  const fields = given.flatMap((one) => Object.entries(one ?? {})).filter(([, value]) => value !== undefined)
  return fields.length === 0 ? usual : { ...usual, ...Object.fromEntries(fields) }
}

/** The same of two levels: by path, and then by name. */
export const givenWithin = <T>(
  usual: Readonly<Record<string, Readonly<Record<string, T>>>>,
  given: Readonly<Record<string, Readonly<Record<string, T>>>>,
): Readonly<Record<string, Readonly<Record<string, T>>>> => Object.fromEntries(
  [...new Set([...Object.keys(usual), ...Object.keys(given)])]
    .map((path) => [path, givenOver(ownValue(usual, path) ?? {}, ownValue(given, path))]))
