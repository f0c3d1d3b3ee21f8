/** Users of policies as numbers. */
import type { User } from '@lsmkit/sandbox/policy-parts'

const names: ReadonlyMap<string, number> = new Map([['root', 0], ['guest', 1000], ['nobody', 65534]])

/** Null for a name that only an /etc/passwd of the box explains, and for the default. */
export const userNumber = (user: User | undefined): number | null =>
  (user === undefined ? null : typeof user === 'number' ? user : names.get(user) ?? null)
