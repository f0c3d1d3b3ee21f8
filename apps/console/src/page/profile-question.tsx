/** A question to a profile: may it do this, by which rule, and which rule comes nearest to a yes. */
import type { ApparmorAnswer, ApparmorQuestion } from '../kernel/protocol.ts'
import { set } from './link-state.ts'
import { RuleLine } from './rule-line.tsx'
import { SearchField } from './search-field.tsx'

export interface ProfileQuestionProps {
  readonly answer: ApparmorAnswer
  readonly question: ApparmorQuestion
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly values: readonly string[]
  readonly onValue: (value: string) => void
}

const Choice = ({ label, value, values, onValue }: ChoiceProps) => (
  <label>
    <span class="label">{label}</span>
    <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
      {values.map((one) => (
        <option key={one} value={one} selected={one === value}>
          {one}
        </option>
      ))}
    </select>
  </label>
)

export const ProfileQuestion = ({ answer, question: { profile, kind, what, owner } }: ProfileQuestionProps) => (
  <section class="panel" aria-label="Question">
    <h2>May it?</h2>
    <form class="profile-question" role="search" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Profile"
        value={profile}
        values={answer.profiles.map(({ name }) => name)}
        onValue={(value) => set({ profile: value })}
      />
      <Choice
        label="Class"
        value={kind}
        values={Object.keys(answer.forms)}
        onValue={(value) => set({ class: value, what: ' ' })}
      />
      <SearchField
        label="What"
        value={what.trim()}
        placeholder={answer.forms[kind] ?? ''}
        onText={(text) => set({ what: text === '' ? ' ' : text })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={owner}
          onChange={(event) => set({ owner: event.currentTarget.checked ? '' : 'no' })}
        />
        <span>it owns the file</span>
      </label>
    </form>
    <div aria-live="polite">
      <Decision answer={answer} form={answer.forms[kind] ?? ''} />
    </div>
  </section>
)

const Decision = ({ answer: { decision, mistake, file }, form }: {
  readonly answer: ApparmorAnswer
  readonly form: string
}) => {
  if (mistake !== null) return <p class="warning">{mistake}</p>
  if (decision === null) return <p class="muted">Asked as: {form}</p>
  const { allowed, complain, reason, rules, nearest } = decision
  return (
    <>
      <p>
        <strong class={allowed ? 'allowed' : 'refused'}>{allowed ? 'allowed' : 'denied'}</strong>: {reason}
        {complain && !allowed ? '; the profile complains, so it is recorded and let pass' : ''}
      </p>
      <ul class="lines">
        {rules.map((rule) => (
          <RuleLine key={rule.line} rule={rule} file={file} />
        ))}
      </ul>
      {nearest === null ? null : (
        <>
          <h3>Nearest rule that would</h3>
          <ul class="lines">
            <RuleLine rule={nearest} file={file} />
          </ul>
        </>
      )}
    </>
  )
}
