/** Words for decisions: errnos, and what each module on a hook has answered. */
import { errnoName } from '@lsmkit/abi'
import { store } from './session.ts'

export const errnoText = (number: number): string => {
  const rc = store.columns.rc[store.at(number)]!
  return rc < 0 ? errnoName(rc) : 'ok'
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
