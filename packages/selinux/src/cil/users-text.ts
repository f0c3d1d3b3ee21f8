/** The texts about users that semodule writes beside a policy: seusers and users_extra. */
import { DEFAULT_LOGIN, seusersText } from '../labels/accounts.ts'
import { levelTexts } from './file-contexts.ts'
import type { Numbering } from './to-policydb/numbering.ts'

/** `login:user:range` lines. */
export const writeSeusers = (n: Numbering): string => {
  const level = levelTexts(n)
  return seusersText(n.facts.selinuxUsers.map(({ login, user, range }) => ({
    login: login ?? DEFAULT_LOGIN, seuser: n.name(user),
    range: n.isMls ? `${level(range.low!)}-${level(range.high!)}` : null,
  })))
}

/** `user NAME prefix PREFIX;` lines. */
export const writeUsersExtra = (n: Numbering): string =>
  n.facts.userPrefixes.map(({ user, prefix }) => `user ${n.name(user)} prefix ${prefix};\n`).join('')
