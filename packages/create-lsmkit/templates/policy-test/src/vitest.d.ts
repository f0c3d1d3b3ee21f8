/** `toAllow` and `toDeny`, for the types of vitest. */
import type { LsmMatchers } from '@lsmkit/testkit'

declare module 'vitest' {
  interface Matchers<T> extends LsmMatchers<void, T> {}
}
