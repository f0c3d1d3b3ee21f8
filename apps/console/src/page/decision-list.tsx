/** A list of decisions, the newest on top. What comes while the reader has scrolled stays above what is in sight. */
import { useState } from 'preact/hooks'
import type { Matches } from '../decisions/filter.ts'
import { DecisionHead, DecisionRow } from './decision-rows.tsx'
import { VirtualList } from './virtual-list.tsx'

export interface DecisionListProps {
  readonly matches: Matches
  readonly chosen: number | null
  readonly onChoose: (number: number) => void
}

export const DecisionList = ({ matches, chosen, onChoose }: DecisionListProps) => {
  const [rest, setRest] = useState<number | null>(null)
  const hidden = rest === null ? 0 : Math.max(0, matches.length - rest)
  return (
    <>
      <DecisionHead />
      {hidden > 0 ? (
        <button type="button" class="newer" onClick={() => document.querySelector('.virtual')!.scrollTo({ top: 0 })}>
          {hidden} newer
        </button>
      ) : null}
      <VirtualList
        label="Decisions, newest first"
        length={matches.length - hidden}
        chosen={chosen === null ? -1 : matches.indexOf(chosen) - hidden}
        chosenKey={chosen}
        onRest={(isAtRest) => setRest((before) => (isAtRest ? (before ?? matches.length) : null))}
        onChoose={(index) => onChoose(matches.at(index + hidden))}
        row={(index) => <DecisionRow number={matches.at(index + hidden)} />}
      />
    </>
  )
}
