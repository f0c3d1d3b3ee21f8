/** Roles of a policy after a yes to a denial. */
import { ownValue } from '@lsmkit/abi'
import { widened } from './allow.ts'
import type { Allow } from './allow.ts'
import type { Role } from './policy.ts'

/** The same roles, and one of them, unless it has the policy's own `allow`, may do more. */
export const widenedRoles = (
  roles: Readonly<Record<string, Role>>, name: string | undefined, more: Allow,
): Readonly<Record<string, Role>> => {
  const role = name === undefined ? undefined : ownValue(roles, name)
  if (role?.allow === undefined) return roles
  return { ...roles, [name!]: { ...role, allow: widened(role.allow, more) } }
}
