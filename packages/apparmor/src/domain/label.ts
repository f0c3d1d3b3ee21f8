/** How holders of an old label get at the new one. */
import type { Label } from './objects.ts'

/** As `aa_get_newest_label`: one step, so that what it gives may be stale itself where a namespace is gone. */
export const newest = (label: Label): Label => (label.stale ? label.proxy.label : label)

/** Sends holders of `old` to `to` (`__aa_proxy_redirect`). */
export const redirect = (old: Label, to: Label): void => {
  old.proxy.label = to
  old.stale = true
}
