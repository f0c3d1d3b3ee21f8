/** Decisions as rows of a list, and how many there are of them. */
import { verdictNames } from '../decisions/batch.ts'
import { HookWord } from './hook-name.tsx'
import { timeText, verdictText } from './decision-text.ts'
import { store } from './session.ts'

const columns = ['time', 'task', 'hook', 'module', 'verdict', 'object', 'reason'] as const

/** Above a list of `DecisionRow`. */
export const DecisionHead = () => (
  <div class="list-head" aria-hidden="true">
    {columns.map((name) => (
      <span key={name}>{name}</span>
    ))}
  </div>
)

export const DecisionRow = ({ number }: { readonly number: number }) => {
  const at = store.at(number)
  const verdict = verdictNames[store.columns.verdict[at]!]
  const { text, more } = verdictText(number)
  return (
    <>
      <span class="time">{timeText(store.times[at]!)}</span>
      <span>{store.text('task', number)}</span>
      <span>
        <HookWord hook={store.text('hook', number)} />
      </span>
      <span>{store.text('lsm', number)}</span>
      <span class={verdict === 'allow' ? 'allowed' : verdict === 'would-deny' ? 'waived' : 'refused'} title={more}>
        {text}
      </span>
      <span>{store.text('object', number)}</span>
      <span class="muted">{store.text('reason', number)}</span>
    </>
  )
}

const count = (decisions: number): string => decisions.toLocaleString('en')

/** What had to make room; nothing while all is here. */
const leftOutText = (): string => {
  const { leftOut: { allowed, refused }, missed } = store
  return [
    allowed === 0 ? '' : `${count(allowed)} allowed left out`,
    refused === 0 ? '' : `${count(refused)} refused left out`,
    missed === 0 ? '' : `${count(missed)} never recorded`,
  ].filter((text) => text !== '').join(', ')
}

/** `shown`: those that the filter lets through. */
export const DecisionCounts = ({ shown }: { readonly shown: number }) => (
  <span class="counts">
    <strong>{count(shown)}</strong> of {count(store.total)} decisions
    {store.lost === 0 ? null : (
      <span class="warning" title="There is room for 131,072 decisions. The oldest allowed ones go first.">
        {' '}
        · {leftOutText()}
      </span>
    )}
  </span>
)
