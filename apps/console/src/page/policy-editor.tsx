/** The texts of a module's policy: edited, checked as the command checks them, tried on a second kernel, and loaded. */
import { useEffect, useState } from 'preact/hooks'
import type { PolicyModule, PolicyText } from '../kernel/protocol.ts'
import { Editor } from './editor.tsx'
import { bootWith, drafts, loadDraft, sameTexts, setDraft } from './policy-draft.ts'
import { PolicyFiles } from './policy-files.tsx'
import { useFault, useLoaded } from './policy-state.ts'
import { beginTrial, trialState } from './policy-trial.ts'
import { kernel, report } from './session.ts'
import { TrialPanel } from './trial-panel.tsx'

type Texts = readonly PolicyText[]

interface PolicyEditorProps {
  readonly module: PolicyModule
  /** A draft that compiles, or null for what is loaded. */
  readonly onDraft?: (texts: Texts | null) => void
  /** It was loaded. */
  readonly onLoad?: () => void
}

export const PolicyEditor = ({ module, onDraft, onLoad }: PolicyEditorProps) => {
  const [loads, setLoads] = useState(0)
  const [resets, setResets] = useState(0)
  const [at, setAt] = useState(0)
  const [news, setNews] = useState('')
  const known = useLoaded(module, loads)
  const draft = drafts.value.get(module) ?? null
  const fault = useFault(module, draft)
  useEffect(() => onDraft?.(fault === null ? draft : null), [draft, fault])
  if (known === null) return <p class="starting">Loading the policy…</p>
  const { texts: loaded, version } = known
  const texts = draft ?? loaded
  const file = texts[at] ?? texts[0]!
  const isInStack = report.value?.explanation.order.includes(module) === true
  const change = (next: Texts): void => setDraft(module, sameTexts(next, loaded) ? null : next)
  const say = async (work: () => Promise<string>): Promise<void> => {
    try {
      setNews(await work())
    } catch (error) {
      setNews((error as Error).message)
    }
  }
  const load = (): Promise<void> => say(async () => {
    await bootWith(module)
    const said = await loadDraft(module, texts)
    setLoads(loads + 1)
    onLoad?.()
    return said
  })
  return (
    <section class="panel policy-text" aria-label="Text of the policy">
      <h2>
        Policy <span class="muted">{draft === null ? 'as it is loaded' : 'a draft'}</span>
      </h2>
      <PolicyFiles
        texts={texts}
        at={texts.indexOf(file)}
        fault={fault}
        onFile={setAt}
        onTexts={(next, which) => {
          change(next)
          setAt(which)
          setResets(resets + 1)
        }}
      />
      <div class="profile-editor">
        <Editor
          key={`${module} ${file.name} ${resets} ${version}`}
          language="policy"
          text={file.text}
          label={`Text of ${file.name}`}
          onChange={(text) => change(texts.map((one) => (one.name === file.name ? { ...one, text } : one)))}
          onRun={() => void load()}
          check={async (text) => {
            const all = (drafts.value.get(module) ?? loaded).map((one) =>
              one.name === file.name ? { ...one, text } : one)
            const found = await kernel().call('checkPolicy', module, all)
            return found?.file === file.name ? found : null
          }}
        />
      </div>
      <div class="profile-actions">
        <button type="button" class="primary" disabled={draft === null || fault !== null} onClick={() => void load()}>
          {isInStack ? 'Load into the kernel' : `Boot with ${module} and load`}
        </button>
        <button
          type="button"
          disabled={draft === null || fault !== null || !isInStack || trialState.value?.isBusy === true}
          onClick={() => void say(async () => (await beginTrial(module, texts))?.message ?? '')}
        >
          Try it beside
        </button>
        <button
          type="button"
          disabled={draft === null}
          onClick={() => {
            setDraft(module, null)
            setResets(resets + 1)
            setNews('')
          }}
        >
          Back to what is loaded
        </button>
        <span class="muted" role="status">
          {news || (isInStack ? '' : `${module} is not in the stack.`)}
        </span>
      </div>
      <div role="alert">{fault === null ? null : <pre class="profile-fault refused">{fault.text}</pre>}</div>
      {trialState.value?.module === module ? <TrialPanel /> : null}
    </section>
  )
}
