/** Words for decisions: errnos, and what each module on a hook has answered. */
import { errnoName } from '@lsmkit/abi'
import { NOT_ENDED, SUCCEEDED, verdictNames } from '../decisions/batch.ts'
import { store } from './session.ts'

/** The answer of the hook. */
export const errnoText = (number: number): string => {
  const rc = store.columns.rc[store.at(number)]!
  return rc < 0 ? errnoName(rc) : 'ok'
}

/** How a row shows its verdict, and what more there is to it. */
export const verdictText = (number: number): { readonly text: string; readonly more: string } => {
  const at = store.at(number)
  const answer = store.columns.answer[at]!
  if (verdictNames[store.columns.verdict[at]!] === 'allow') return { text: 'allow', more: '' }
  const [hook, hookAnswer] = [store.text('hook', number), errnoText(number)]
  const by = `${store.text('lsm', number)} answered ${hookAnswer} on ${hook}`
  if (answer === NOT_ENDED) return { text: hookAnswer, more: by }
  if (answer === SUCCEEDED) return { text: `${hookAnswer}, call ok`, more: `${by}; the call succeeded all the same` }
  return { text: errnoName(answer), more: `${by}; the call returned ${errnoName(answer)}` }
}

export interface MemberAnswer {
  readonly name: string
  readonly answer: string
  readonly isRefusal: boolean
}

/** Members are asked in their order until one refuses; those behind it are not. */
export const memberAnswers = (members: readonly string[], number: number): MemberAnswer[] => {
  const at = store.at(number)
  const verdict = store.columns.verdict[at]!
  const decider = store.text('lsm', number)
  const position = members.indexOf(decider)
  const names = verdict === 0 || position >= 0 || decider === '' ? members : [...members, decider]
  return names.map((name, i) => {
    const isDecider = name === decider && verdict !== 0
    if (isDecider)
      return { name, answer: verdict === 2 ? `${errnoText(number)}, not obeyed` : errnoText(number), isRefusal: true }
    const isBehind = (verdict === 1 || verdict === 3) && position >= 0 && i > position
    return { name, answer: isBehind ? 'not asked' : 'ok', isRefusal: false }
  })
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})
export const timeText = (time: number): string => clock.format(time)

/** Names the link can give to a decision: hook, module, object. */
export const pickOf = (number: number): string =>
  [store.text('hook', number), store.text('lsm', number), store.text('object', number)].join(' ')
