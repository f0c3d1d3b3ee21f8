/** Texts of the records that the kernel's security server writes itself (AUDIT_SELINUX_ERR). */
import type { SecurityContext } from './context.ts'
import { contextText } from './context-text.ts'
import type { LoadedPolicy } from './loaded-policy.ts'

/** A text in quotes, or as hexadecimal digits where quotes would not do (audit_log_n_untrustedstring). */
const untrusted = (text: string): string =>
  /^[!#-~]*$/.test(text)
    ? `"${text}"`
    : Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('')

const pair = (policy: LoadedPolicy, source: SecurityContext, target: SecurityContext, tclass: number): string => {
  const name = policy.names.classes[tclass] ?? `#${tclass}`
  return `scontext=${contextText(policy, source)} tcontext=${contextText(policy, target)} tclass=${name}`
}

/** Bounds took permissions away. */
export const boundsText = (
  policy: LoadedPolicy, source: SecurityContext, target: SecurityContext, tclass: number, masked: number,
): string => {
  const perms = policy.names.permissionsOf(tclass, masked).join(',')
  return `op=security_compute_av reason=bounds ${pair(policy, source, target, tclass)} perms=${perms}`
}

/** A computed context is not valid. */
export const computedText = (
  policy: LoadedPolicy, context: SecurityContext, source: SecurityContext, target: SecurityContext, tclass: number,
): string => {
  const text = untrusted(contextText(policy, context))
  return `op=security_compute_sid invalid_context=${text} ${pair(policy, source, target, tclass)}`
}

/** A context with the range of another is not valid. */
export const mlsCopyText = (policy: LoadedPolicy, context: SecurityContext): string =>
  `op=security_sid_mls_copy invalid_context=${untrusted(contextText(policy, context))}`

/** A label may not change. */
export const validateText = (
  policy: LoadedPolicy, from: SecurityContext, to: SecurityContext, task: SecurityContext, tclass: number,
): string => {
  const [oldcontext, newcontext, taskcontext] = [from, to, task].map((context) => contextText(policy, context))
  const contexts = `oldcontext=${oldcontext} newcontext=${newcontext} taskcontext=${taskcontext}`
  return `op=security_validate_transition seresult=denied ${contexts} tclass=${policy.names.classes[tclass]}`
}

/** A thread's new type is not bounded by its old one. */
export const boundedText = (policy: LoadedPolicy, from: SecurityContext, to: SecurityContext): string =>
  `op=security_bounded_transition seresult=denied oldcontext=${contextText(policy, from)} ` +
  `newcontext=${contextText(policy, to)}`
