/** How holders of an old label get at the new one. */
import type { Label } from './objects.ts'

/** As `aa_get_newest_label`. */
export const newest = (label: Label): Label => {
  let at = label
  while (at.stale && at.proxy.label !== at) at = at.proxy.label
  return at
}

/** Sends holders of `old` to `to` (`__aa_proxy_redirect`). */
export const redirect = (old: Label, to: Label): void => {
  old.proxy.label = to
  old.stale = true
}
