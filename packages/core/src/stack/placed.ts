/** The enabled LSMs of a stack in their places, and what dispatch and blobs take of them. */
import type { BlobClaim } from '../blobs/place-blobs.ts'
import type { HookGroup, Lsm } from '../define-lsm.ts'
import { PROGRAMS_ALONE } from '../dispatch/strategy.ts'
import type { Member, ProgramPlace } from '../dispatch/strategy.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { BlobKind, HookFn } from '../hooks/hook-types.ts'
import type { LsmContext } from '../lsm-context.ts'

/** Positions count from 0 in the order of initialisation. */
export interface Placed {
  readonly lsm: Lsm
  readonly context: LsmContext
  readonly group: HookGroup
}

/**
 * Where attached programs stand: at the LSM that carries them; in a stack that was given no such LSM, behind the LSMs
 * that are not `last`, where the kernel's own list has it. They are not called (null) where that LSM was given and is
 * off, as in a kernel; and in a `kernelExact` stack without one.
 */
export const programPlace = (
  given: readonly Lsm[],
  placed: readonly Placed[],
  kernelExact: boolean,
): ProgramPlace | null => {
  const at = placed.findIndex(({ lsm }) => lsm.carriesPrograms)
  if (at >= 0) return { lsm: placed[at]!.lsm.name, id: placed[at]!.lsm.id, position: at }
  if (kernelExact || given.some(({ carriesPrograms }) => carriesPrograms)) return null
  const last = placed.findIndex(({ lsm }) => lsm.order === 'last')
  return { ...PROGRAMS_ALONE, position: (last >= 0 ? last : placed.length) - 0.5 }
}

export const claimsOf = (lsms: readonly Lsm[]): BlobClaim[] =>
  lsms.flatMap((lsm) =>
    Object.entries(lsm.blobs).flatMap(([kind, accessor]) =>
      accessor === undefined ? [] : [{ lsm: lsm.name, kind: kind as BlobKind, accessor }],
    ),
  )

export const membersOf = (placed: readonly Placed[]): Partial<Record<HookName, Member[]>> => {
  const members: Partial<Record<HookName, Member[]>> = {}
  placed.forEach(({ lsm: { name, id }, group }, position) => {
    for (const [hook, fn] of Object.entries(group) as [HookName, HookFn][]) {
      const member = { lsm: name, id, position, fn }
      const others = members[hook]
      if (others === undefined) members[hook] = [member]
      else others.push(member)
    }
  })
  return members
}
