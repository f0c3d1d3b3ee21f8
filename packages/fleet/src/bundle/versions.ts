/** Versions as bundles name them: `1.2.0`. */

const numbersOf = (version: string): readonly number[] =>
  (/^\d+(?:\.\d+){0,2}/.exec(version)?.[0] ?? '0').split('.').map(Number)

/** Is a version at least another one? The three numbers alone count. */
export const isAtLeast = (version: string, least: string): boolean => {
  const [have, want] = [numbersOf(version), numbersOf(least)]
  for (let i = 0; i < 3; i += 1) {
    const [a, b] = [have[i] ?? 0, want[i] ?? 0]
    if (a !== b) return a > b
  }
  return true
}
