/** One question to a stack and all that came of it, as a value for matchers. */
import type { Denial, EntryMapOf, HookFn, Profile, Stack } from '@lsmkit/core'

/** A hook of any kernel release. */
export type AskedHook = keyof EntryMapOf<Profile>

export interface Answer {
  readonly hook: AskedHook
  /** 0, a positive answer, or -errno. Void hooks answer 0. */
  readonly rc: number
  /** The LSM that refused; null if none did, and if the framework itself did. */
  readonly denial: Denial | null
  /** In the LSM's words, or what a hook did in place of an answer; null where nothing was said. */
  readonly reason: string | null
}

interface AnyKey {
  readonly ask?: (...given: unknown[]) => number
  readonly tell?: (...given: unknown[]) => void
}

/** `ask(stack, 'file_open', file)`: as the kernel's security_file_open. */
export const ask = <N extends AskedHook>(
  stack: Stack, hook: N, ...args: Parameters<Extract<EntryMapOf<Profile>[N], HookFn>>
): Answer => {
  const before = stack.denial
  const keys: object = stack.lsm
  const key = (keys as Record<AskedHook, AnyKey>)[hook]
  let rc = 0
  if (key.ask === undefined) key.tell!(...args)
  else rc = key.ask(...args)
  const { denial } = stack
  const isOurs = rc < 0 && denial !== null && denial !== before && denial.hook === hook && denial.rc === rc
  return { hook, rc, denial: isOurs ? denial : null, reason: isOurs ? denial.reason : null }
}
