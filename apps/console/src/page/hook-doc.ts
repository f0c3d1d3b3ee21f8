/** The documentation of a hook, loaded when one is asked about for the first time. */
import { hookNames } from '@lsmkit/core'
import type { HookDoc } from '@lsmkit/core/hook-docs'

/** Null for a hook that is not the kernel's own. */
export const loadHookDoc = async (name: string): Promise<HookDoc | null> => {
  const known = hookNames.find((one) => one === name)
  return known === undefined ? null : (await import('@lsmkit/core/hook-docs')).hookDoc(known)
}
