/** Faults of a context, in words. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { SecurityServer } from '../server/security-server.ts'
import type { PolicyView } from './view.ts'

export interface ContextAnswer {
  readonly valid: boolean
  /** As the kernel writes it; null of one that is not valid. */
  readonly canonical: string | null
  readonly problems: readonly { readonly message: string; readonly hint: string | null }[]
}

const OBJECT_ROLE = 'object_r'

/** Is a text a context of the policy that the server holds and `view` shows, and if not, why. */
export const explainContext = (server: SecurityServer, view: PolicyView, text: string): ContextAnswer => {
  const sid = server.contextToSid(text)
  if (sid > 0) return { valid: true, canonical: server.sidToContext(sid) as string, problems: [] }
  const problems: { message: string; hint: string | null }[] = []
  const say = (message: string, hint: string | null = null): void => void problems.push({ message, hint })
  const { policy } = view
  const [userName, roleName, typeName, ...range] = text.split(':')
  if (userName === undefined || roleName === undefined || typeName === undefined) {
    say('a context has a user, a role and a type', 'user:role:type[:range]')
    return { valid: false, canonical: null, problems }
  }
  const find = <T extends { name: string }>(items: readonly T[], name: string, kind: string): T | undefined => {
    const item = items.find((one) => one.name === name)
    if (item === undefined) say(`the policy has no ${kind} \`${name}\``, didYouMean(name, items.map((one) => one.name)))
    return item
  }
  const user = find(policy.users.items, userName, 'user')
  const role = find(policy.roles.items, roleName, 'role')
  const type = find(policy.types.items.filter(({ value }) => !view.isAttribute(value)), typeName, 'type')
  if (user !== undefined && role !== undefined && role.name !== OBJECT_ROLE) {
    if (!user.roles.has(role.value - 1)) say(`user \`${userName}\` may not have role \`${roleName}\``)
    if (type !== undefined && !role.types.has(type.value - 1)) {
      say(`role \`${roleName}\` may not have type \`${typeName}\``)
    }
  }
  if (policy.mls && range.length === 0) say('the policy has levels, and the context none', 'add one: `:s0`')
  else if (!policy.mls && range.length > 0) say('the policy has no levels, and the context one')
  else if (problems.length === 0) {
    say(`\`${range.join(':')}\` is not a range, or not one that user \`${userName}\` may have`)
  }
  return { valid: false, canonical: null, problems }
}
