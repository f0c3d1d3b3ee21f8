/** The matchers on an `expect`, types included: one way for every version of vitest, and for Jest. */
import { lsmMatchers } from './matchers.ts'
import type { LsmMatchers } from './matchers.ts'

/** The result of `expect(value)`, with the matchers, also behind `not`. */
export type WithLsmMatchers<Assertion, T> = Assertion & LsmMatchers<void, T> & { readonly not: LsmMatchers<void, T> }

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the test runner has there
type Expect = ((actual: any) => any) & { extend(matchers: typeof lsmMatchers): void }

/** What the runner's own `expect` gives. vitest's has a second signature, which is chai's and stands behind. */
type AssertionOf<E> = E extends { (actual: infer _A): infer First; (actual: infer _B): infer Last }
  ? unknown extends First ? Last : First
  : never

/** `const expect = extendExpect(vitest.expect)`: the same function, which knows the matchers from now on. */
export const extendExpect = <E extends Expect>(
  expect: E,
): (<T>(actual: T, message?: string) => WithLsmMatchers<AssertionOf<E>, T>) & E => {
  expect.extend(lsmMatchers)
  return expect as never
}
