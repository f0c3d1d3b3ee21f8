/** `lsm selinux access`, `transition` and `context`: questions about contexts, answered by the security server. */
import { explainAccess, explainContext, PolicyView, QueryError, TeRules, whyDenied } from '@lsmkit/selinux/query'
import type { PermissionAnswer } from '@lsmkit/selinux/query'
import type { SecurityServer } from '@lsmkit/selinux/server'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { policyOf, serverOf } from './inputs.ts'

export interface AccessFlags {
  readonly set?: readonly string[]
  readonly local?: readonly string[]
  readonly json?: boolean
}

/**
 * Ends with 0 when all that was asked is allowed; without permissions, it lists those that are allowed of the class.
 */
export const accessCommand = (
  io: Io, name: string, source: string, target: string, tclass: string, permissions: readonly string[],
  flags: AccessFlags,
): number => withCommandErrors(() => {
  const policy = policyOf(io, name, flags.local)
  const answer = explainAccess(serverOf(policy, flags.set), new TeRules(policy), source, target, tclass, permissions)
  const denied = answer.permissions.filter(({ allowed }) => !allowed)
  if (flags.json) printJson(io, { ...answer, allowed: denied.length === 0 })
  else if (permissions.length === 0) {
    const granted = answer.permissions.filter(({ allowed }) => allowed).map(({ permission }) => permission)
    io.print(granted.length === 0 ? io.colors.red('nothing') : granted.join(' '))
  } else answer.permissions.forEach((each) => printPermission(io, each))
  if (!flags.json && answer.permissive) io.print('the domain is permissive: what is denied is logged and let pass')
  if (permissions.length === 0) return denied.length === answer.permissions.length ? EXIT.denied : EXIT.ok
  return denied.length === 0 ? EXIT.ok : EXIT.denied
})

const printPermission = (io: Io, answer: PermissionAnswer): void => {
  const { permission, allowed, rules, booleans, audited } = answer
  const quiet = allowed || audited ? '' : '; denials are not logged'
  const reason = whyDenied(answer)
  const why = reason === null ? '' : `: ${reason}${quiet}`
  io.print(`${permission}: ${allowed ? io.colors.green('allowed') : io.colors.red('denied')}${why}`)
  for (const rule of rules) io.print(`  ${rule}`)
  const settings = Object.entries(booleans).map(([bool, state]) => `${bool}=${state ? 'on' : 'off'}`)
  if (settings.length > 0) io.print(`  to allow it, set ${settings.join(' ')}`)
}

export interface TransitionFlags {
  readonly member?: boolean
  readonly change?: boolean
  readonly local?: readonly string[]
  readonly json?: boolean
}

const sidOf = (server: SecurityServer, view: PolicyView, text: string): number => {
  const sid = server.contextToSid(text)
  if (sid > 0) return sid
  const [problem] = explainContext(server, view, text).problems
  throw new QueryError('unknown-name', `\`${text}\` is not a context: ${problem?.message}`, problem?.hint ?? null)
}

/** The context that a new process or object gets; ends with 1 when the policy gives none. */
export const transitionCommand = (
  io: Io, name: string, source: string, target: string, tclass: string, object: string | undefined,
  { member, change, local, json }: TransitionFlags,
): number => withCommandErrors(() => {
  if (object !== undefined && (member || change)) {
    throw new CommandError('usage', 'a name of an object counts for transitions only', 'leave the name out')
  }
  const policy = policyOf(io, name, local)
  const [server, view] = [serverOf(policy), new PolicyView(policy)]
  const value = view.tclass(tclass)
  const [ssid, tsid] = [sidOf(server, view, source), sidOf(server, view, target)]
  const sid = member ? server.memberSid(ssid, tsid, value)
    : change ? server.changeSid(ssid, tsid, value) : server.transitionSidUser(ssid, tsid, value, object ?? null)
  const context = sid > 0 ? server.sidToContext(sid) as string : null
  if (json) printJson(io, { source, target, tclass, name: object ?? null, context })
  else io.print(context ?? 'the context that the rules give is not valid')
  return context === null ? EXIT.denied : EXIT.ok
})

/** Is a text a context: ends with 0 or 1. */
export const contextCommand = (
  io: Io, name: string, text: string, { local, json }: { local?: readonly string[]; json?: boolean },
): number => withCommandErrors(() => {
  const policy = policyOf(io, name, local)
  const answer = explainContext(serverOf(policy), new PolicyView(policy), text)
  if (json) printJson(io, { context: text, ...answer })
  else {
    io.print(answer.valid ? `${io.colors.green('valid')}: ${answer.canonical}` : io.colors.red('not valid'))
    for (const { message, hint } of answer.problems) io.print(`  ${message}${hint === null ? '' : ` (${hint})`}`)
  }
  return answer.valid ? EXIT.ok : EXIT.denied
})
