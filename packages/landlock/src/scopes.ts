/** Relations between domains: for tracing, and for scopes that nothing leaves. */
import type { Domain } from './domain.ts'

/** As `domain_scope_le`: whether `child` is `domain` or descends from it. Without a domain everybody does. */
export const isWithin = (domain: Domain | null, child: Domain | null): boolean => {
  if (domain === null) return true
  for (let at = child; at !== null; at = at.parent) if (at === domain) return true
  return false
}

/**
 * As `domain_is_scoped`: the layer of `client` that keeps it from `server`, null when none does. The topmost layer that
 * has the scope decides: the server must be inside of it too.
 */
export const scopedBy = (client: Domain, server: Domain | null, scope: number): Domain | null => {
  for (let at: Domain | null = client; at !== null; at = at.parent) {
    if ((at.handled.scope & scope) !== 0) return isWithin(at, server) ? null : at
  }
  return null
}
