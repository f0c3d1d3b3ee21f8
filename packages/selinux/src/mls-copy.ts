/** As `security_sid_mls_copy`: one context with the range of another. */
import type { Server } from './server-type.ts'

const USER_ROLE_TYPE = /^[^:]*:[^:]*:[^:]*/

/** SID of user, role and type of `sid` with the range of `mlsSid`; `sid` itself where there are no ranges. -errno. */
export const sidMlsCopy = (server: Server, sid: number, mlsSid: number): number => {
  if (!server.loaded || !server.mlsEnabled) return sid
  const text = server.sidToContext(sid)
  const other = server.sidToContext(mlsSid)
  if (typeof text === 'number') return text
  if (typeof other === 'number') return other
  const range = other.slice(USER_ROLE_TYPE.exec(other)![0].length)
  return server.contextToSid(USER_ROLE_TYPE.exec(text)![0] + range)
}
