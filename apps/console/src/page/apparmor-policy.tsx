/** AppArmor's part of the policy view: the text and its mistakes, rules, a question, who may become whom. */
import { useEffect, useState } from 'preact/hooks'
import type { ApparmorAnswer, ProfileFault } from '../kernel/protocol.ts'
import { Editor } from './editor.tsx'
import { set, setting } from './link-state.ts'
import { drafts, setDraft as changeDraft } from './policy-draft.ts'
import { beginTrial, trialState } from './policy-trial.ts'
import { ProfileQuestion } from './profile-question.tsx'
import { RuleLine } from './rule-line.tsx'
import { kernel, loadedPolicies, report, status } from './session.ts'
import { TrialPanel } from './trial-panel.tsx'
import { TypeGraph } from './type-graph.tsx'

/** Milliseconds without a key before a draft is compiled. */
const PAUSE = 250

const useAnswer = (draft: string | null, loads: number) => {
  const [answer, setAnswer] = useState<ApparmorAnswer | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const isUp = status.value === 'up'
  const question = {
    draft,
    profile: setting('profile', 'guest'),
    kind: setting('class', 'file'),
    what: setting('what', '/etc/shadow r'),
    owner: setting('owner') !== 'no',
  }
  const { profile, kind, what, owner } = question
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    const ask = async (): Promise<void> => {
      try {
        const found = await kernel().call('apparmor', question)
        if (isGone) return
        setAnswer(found)
        setProblem(null)
      } catch (error) {
        if (!isGone) setProblem((error as Error).message)
      }
    }
    void ask()
    return () => void (isGone = true)
  }, [isUp, draft, loads, profile, kind, what, owner, report.value])
  return { answer, problem, question }
}

/** What is typed, a while after the last key. */
const useDraft = (first: string | null) => {
  const [typed, setTyped] = useState<string | null>(first)
  const [draft, setDraft] = useState<string | null>(first)
  useEffect(() => {
    const timer = setTimeout(() => setDraft(typed), PAUSE)
    return () => clearTimeout(timer)
  }, [typed])
  return { typed, setTyped, draft }
}

export const ApparmorPolicy = () => {
  const { typed, setTyped, draft } = useDraft(drafts.value.get('apparmor')?.[0]?.text ?? null)
  const [loads, setLoads] = useState(0)
  const [resets, setResets] = useState(0)
  const [news, setNews] = useState('')
  const { answer, problem, question } = useAnswer(draft, loads)
  if (answer === null) return <p class="starting">{problem ?? 'Compiling the profiles…'}</p>
  const load = async (): Promise<void> => {
    try {
      const fault = await kernel().call('loadProfiles', typed ?? answer.loaded)
      setNews(fault === null ? 'Loaded: programs go on under these profiles.' : fault.message)
      if (fault === null) {
        loadedPolicies.set('apparmor', [{ name: answer.file, text: typed ?? answer.loaded }])
        changeDraft('apparmor', null)
        setTyped(null)
      }
    } catch (error) {
      setNews((error as Error).message)
    }
    setLoads(loads + 1)
  }
  const tryIt = async (): Promise<void> => {
    try {
      setNews((await beginTrial('apparmor', [{ name: answer.file, text: typed ?? answer.loaded }]))?.message ?? '')
    } catch (error) {
      setNews((error as Error).message)
    }
  }
  const profile = answer.profiles.find(({ name }) => name === question.profile) ?? answer.profiles[0]
  return (
    <div class="policy-parts">
      <section class="panel profile-text" aria-label="Text of the profiles">
        <h2>
          Profiles{' '}
          <span class="muted">{typed === null ? 'as they are enforced' : 'a draft: questions are put to it'}</span>
        </h2>
        <div class="profile-editor">
          <Editor
            key={`${resets} ${answer.loaded}`}
            language="profile"
            text={typed ?? answer.loaded}
            label="Text of the profiles"
            onChange={(text) => setTyped(text === answer.loaded ? null : text)}
            onRun={() => void load()}
          />
        </div>
        <div class="profile-actions">
          <button
            type="button"
            class="primary"
            disabled={typed === null || answer.fault !== null || !answer.isInStack}
            onClick={() => void load()}
          >
            Load into the kernel
          </button>
          <button
            type="button"
            disabled={typed === null || answer.fault !== null || !answer.isInStack || trialState.value?.isBusy === true}
            onClick={() => void tryIt()}
          >
            Try it beside
          </button>
          <button
            type="button"
            disabled={typed === null}
            onClick={() => {
              setTyped(null)
              setResets(resets + 1)
              setNews('')
            }}
          >
            Back to what is loaded
          </button>
          <span class="muted" role="status">
            {problem ?? (answer.isInStack ? news : 'AppArmor is not in the stack: Stack switches it on.')}
          </span>
        </div>
        <Fault fault={answer.fault} />
        {trialState.value?.module === 'apparmor' ? <TrialPanel /> : null}
        {answer.warnings.map((text) => (
          <p key={text} class="warning">
            {text}
          </p>
        ))}
      </section>
      <ProfileQuestion answer={answer} question={question} />
      {profile === undefined ? null : <ExecGraph answer={answer} centre={profile.name} />}
      {profile === undefined ? null : <Rules profile={profile} file={answer.file} />}
      {answer.changes === null ? null : <Changes changes={answer.changes} />}
    </div>
  )
}

interface ExecGraphProps {
  readonly answer: ApparmorAnswer
  readonly centre: string
}

const ExecGraph = ({ answer: { edges, leaves }, centre }: ExecGraphProps) => (
  <section class="panel" aria-label="Exec graph">
    <h2>
      Who may become whom{' '}
      <span class="muted">
        {edges.length} {edges.length === 1 ? 'way' : 'ways'}
      </span>
    </h2>
    <TypeGraph edges={edges} centre={centre} onType={(name) => set({ profile: name })} />
    {leaves.length === 0 ? (
      <p class="muted">No way leads out of confinement.</p>
    ) : (
      leaves.map((way) => (
        <p key={way} class="warning">
          Leaves confinement: {way}
        </p>
      ))
    )}
  </section>
)

/** As the command prints it, with a mark under the place. */
const Fault = ({ fault }: { readonly fault: ProfileFault | null }) => (
  <div role="alert">{fault === null ? null : <pre class="profile-fault refused">{fault.text}</pre>}</div>
)

const Rules = ({
  profile: { name, attachment, mode, rules },
  file,
}: {
  readonly profile: ApparmorAnswer['profiles'][number]
  readonly file: string
}) => (
  <section class="panel" aria-label="Rules of the profile">
    <h2>
      {name} <span class="tag">{mode}</span>{' '}
      <span class="muted">{attachment === null ? 'no attachment' : `for ${attachment}`}</span>
    </h2>
    <ul class="lines scroll" tabIndex={0} aria-label="Rules with their lines">
      {rules.map((rule) => (
        <RuleLine key={rule.line} rule={rule} file={file} />
      ))}
    </ul>
  </section>
)

const Changes = ({ changes }: { readonly changes: readonly string[] }) => (
  <section class="panel" aria-label="Changes">
    <h2>What the draft does otherwise</h2>
    {changes.length === 0 ? (
      <p class="muted">Nothing.</p>
    ) : (
      <ul class="lines scroll" tabIndex={0} aria-label="Changes in words">
        {changes.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    )}
  </section>
)
