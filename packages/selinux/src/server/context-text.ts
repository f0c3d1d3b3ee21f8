/** Contexts from text and to text: `user:role:type[:low[-high]]`. */
import { categoriesText } from '../policydb/names.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { SecurityContext } from './context.ts'
import type { MlsLevel, MlsRange } from './levels.ts'
import type { LoadedPolicy } from './loaded-policy.ts'

/** `s0:c1,c3.c5`; null if it names what the policy has not, or a run that does not ascend. */
export const parseLevel = (policy: LoadedPolicy, text: string): MlsLevel | null => {
  const colon = text.indexOf(':')
  const sens = policy.sensitivities.get(colon < 0 ? text : text.slice(0, colon))
  if (sens === undefined) return null
  if (colon < 0) return policy.levels.of({ sens, cats: Ebitmap.empty })
  const bits: number[] = []
  for (const part of text.slice(colon + 1).split(',')) {
    const dot = part.indexOf('.')
    const first = policy.categories.get(dot < 0 ? part : part.slice(0, dot))
    if (first === undefined) return null
    if (dot < 0) {
      bits.push(first - 1)
      continue
    }
    const last = policy.categories.get(part.slice(dot + 1))
    if (last === undefined || first >= last) return null
    for (let value = first; value <= last; value++) bits.push(value - 1)
  }
  return policy.levels.of({ sens, cats: Ebitmap.of(bits) })
}

const parseRange = (policy: LoadedPolicy, text: string): MlsRange | null => {
  const dash = text.indexOf('-')
  const low = parseLevel(policy, dash < 0 ? text : text.slice(0, dash))
  const high = dash < 0 ? low : parseLevel(policy, text.slice(dash + 1))
  return low === null || high === null ? null : { low, high }
}

/**
 * The context, null of none that is valid (string_to_context_struct, mls_context_to_sid). In an MLS policy a text
 * without a range gets `defaultRange`; in one without MLS a range is a mistake unless there is a default.
 */
export const parseContext = (
  policy: LoadedPolicy, text: string, defaultRange: MlsRange | null = null,
): SecurityContext | null => {
  const first = text.indexOf(':')
  const second = first < 0 ? -1 : text.indexOf(':', first + 1)
  if (second < 0) return null
  const third = text.indexOf(':', second + 1)
  const user = policy.users.get(text.slice(0, first))
  const role = policy.roles.get(text.slice(first + 1, second))
  const type = policy.types.get(third < 0 ? text.slice(second + 1) : text.slice(second + 1, third))
  if (user === undefined || role === undefined || type === undefined) return null
  let range: MlsRange | null = { low: policy.levels.none, high: policy.levels.none }
  if (!policy.mls) {
    if (third >= 0 && defaultRange === null) return null
  } else range = third < 0 ? defaultRange : parseRange(policy, text.slice(third + 1))
  if (range === null) return null
  const context = new SecurityContext(user, role, type, range.low, range.high)
  return policy.isValid(context) ? context : null
}

const levelText = ({ names }: LoadedPolicy, { sens, cats }: MlsLevel): string => {
  const name = names.sensitivities[sens]!
  return cats.isEmpty ? name : `${name}:${categoriesText(cats, names.categories)}`
}

/** The canonical text. */
export const contextText = (policy: LoadedPolicy, { user, role, type, low, high }: SecurityContext): string => {
  const { names, mls } = policy
  const text = `${names.users[user]}:${names.roles[role]}:${names.types[type]}`
  if (!mls) return text
  const range = levelText(policy, low)
  return low === high ? `${text}:${range}` : `${text}:${range}-${levelText(policy, high)}`
}
