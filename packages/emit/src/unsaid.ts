/** Items for lines that a format cannot say, each with a sentence and the questions that it explains. */
import type { Plain } from './plain.ts'
import type { Question } from './question.ts'

/** `wider`: the wall lets more pass than the policy. `narrower`: it refuses more. `lost`: it is not about access. */
export type Effect = 'wider' | 'narrower' | 'lost'

export interface Unsaid {
  /** The name that `--accept` takes. */
  readonly id: string
  /** The line of the policy: `allow: hosts[1]`. */
  readonly place: string
  readonly text: string
  readonly effect: Effect
  /** Whether the item explains that the wall answers this question otherwise. */
  readonly covers: (question: Question) => boolean
}

const nothing = (): boolean => false

export const lost = (id: string, place: string, text: string): Unsaid =>
  ({ id, place, text, effect: 'lost', covers: nothing })
export const wider = (id: string, place: string, text: string, covers: Unsaid['covers']): Unsaid =>
  ({ id, place, text, effect: 'wider', covers })
export const narrower = (id: string, place: string, text: string, covers: Unsaid['covers']): Unsaid =>
  ({ id, place, text, effect: 'narrower', covers })

export const isKind = <K extends Question['kind']>(...kinds: readonly K[]) =>
  (question: Question): question is Extract<Question, { kind: K }> =>
    (kinds as readonly string[]).includes(question.kind)

/** Parts of a policy that are about something else than access. */
type LostPart = 'limits' | 'env' | 'user' | 'label' | 'modules' | 'attributes' | 'roles'

const lostTexts: Readonly<Record<LostPart, string>> = {
  limits: 'has no place for this limit', env: 'sets no variables', user: 'chooses no user',
  label: 'has no labels', modules: 'has no modules', attributes: 'sets no attributes of files',
  roles: 'has no roles: write a policy for each',
}

/** The items of what the format has no place for. `says`: names of parts, and of limits, that it can say. */
export const lostParts = ({ policy }: Plain, format: string, says: readonly string[] = []): Unsaid[] =>
  (Object.keys(lostTexts) as LostPart[]).flatMap((part) => {
    const value = policy[part]
    if (value === undefined || says.includes(part)) return []
    const sentence = `${format} ${lostTexts[part]}`
    if (typeof value !== 'object') return [lost(part, part, sentence)]
    const keys = Array.isArray(value) ? value.map((_, at) => `${part}[${at}]`) : Object.keys(value)
      .filter((key) => !says.includes(`${part}.${key}`)).map((key) => `${part}: ${key}`)
    return keys.map((place) => lost(part, place, sentence))
  })
