/** What a draft of policy changes for the lines of the session, beside the policy that is loaded. */
import type { Refusal, TriedLine } from '../kernel/protocol.ts'
import { HookLink } from './hook-name.tsx'
import { endTrial, trialState } from './policy-trial.ts'

const count = (lines: readonly TriedLine[], which: 'newlyRefused' | 'newlyAllowed'): number =>
  lines.reduce((sum, line) => sum + line[which].length, 0)

export const TrialPanel = () => {
  const state = trialState.value
  if (state === null) return null
  const { lines, isBusy } = state
  return (
    <section class="panel policy-trial" aria-label="Trial">
      <h2>
        The draft beside what is loaded{' '}
        <span class="muted" role="status">
          {isBusy ? 'two kernels run the lines…' : summary(lines)}
        </span>
      </h2>
      <p class="muted">
        The lines of this session run on two more kernels, one with the draft. What you type at the shell from now on
        runs there, too.
      </p>
      <ol class="trial-lines">
        {lines.map((line, i) => (
          <Line key={i} line={line} />
        ))}
      </ol>
      <button type="button" onClick={endTrial}>
        End the trial
      </button>
    </section>
  )
}

const summary = (lines: readonly TriedLine[]): string =>
  `${lines.length} lines: ${count(lines, 'newlyRefused')} newly refused, ${count(lines, 'newlyAllowed')} newly allowed`

const Line = ({ line: { line, before, after, newlyRefused, newlyAllowed } }: { readonly line: TriedLine }) => (
  <li>
    <code>$ {line}</code>{' '}
    <span class="muted">{before === after ? before : `${before} → ${after}`}</span>
    {newlyRefused.map((one, i) => (
      <Change key={i} word="newly refused" kind="refused" refusal={one} />
    ))}
    {newlyAllowed.map((one, i) => (
      <Change key={i} word="newly allowed" kind="allowed" refusal={one} />
    ))}
  </li>
)

interface ChangeProps {
  readonly word: string
  readonly kind: 'refused' | 'allowed'
  readonly refusal: Refusal
}

const Change = ({ word, kind, refusal: { lsm, hook, object, call } }: ChangeProps) => (
  <p>
    <span class={kind}>{word}</span> <strong>{lsm}</strong> <HookLink hook={hook} /> {object}{' '}
    <code class="muted">{call}</code>
  </p>
)
