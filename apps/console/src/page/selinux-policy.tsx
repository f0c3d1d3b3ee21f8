/** SELinux's part of the policy view: its text, types and what is around them, labels of paths, two policies. */
import { useEffect, useState } from 'preact/hooks'
import type { PolicyAnswer, PolicyFile, PolicyText } from '../kernel/protocol.ts'
import { FileChoice } from './file-choice.tsx'
import { link, set, setting } from './link-state.ts'
import { PolicyEditor } from './policy-editor.tsx'
import { SearchField } from './search-field.tsx'
import { kernel, report, status } from './session.ts'
import { TypeGraph } from './type-graph.tsx'

export const SelinuxPolicy = () => {
  void link.value
  const [type, path] = [setting('type', 'guest_t'), setting('path', '/etc/shadow')]
  const [file, setFile] = useState<PolicyFile | null>(null)
  const [draft, setDraft] = useState<readonly PolicyText[] | null>(null)
  const [loads, setLoads] = useState(0)
  const [beside, setBeside] = useState<PolicyFile | null>(null)
  const [answer, setAnswer] = useState<PolicyAnswer | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const isUp = status.value === 'up'
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    const ask = async (): Promise<void> => {
      try {
        const found = await kernel().call('policy', { type, path, draft, file, beside })
        if (isGone) return
        setAnswer(found)
        setFault(null)
      } catch (error) {
        if (!isGone) setFault((error as Error).message)
      }
    }
    void ask()
    return () => void (isGone = true)
  }, [isUp, type, path, draft, file, beside, loads, report.value])
  return (
    <>
      <form class="toolbar" role="search" onSubmit={(event) => event.preventDefault()}>
        <SearchField label="Type" value={type} onText={(text) => set({ type: text })} />
        <SearchField label="Path" value={path} onText={(text) => set({ path: text })} />
        <FileChoice label="Ask a file" onFile={setFile} />
        <FileChoice label="Compare with" onFile={setBeside} />
      </form>
      {fault === null ? null : (
        <p class="refused policy-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="policy-parts">
        <PolicyEditor module="selinux" onDraft={setDraft} onLoad={() => setLoads(loads + 1)} />
        {answer === null ? (
          <p class="starting">Compiling the policy…</p>
        ) : (
          <Answer answer={answer} type={type} path={path} isDraft={beside === null} />
        )}
      </div>
    </>
  )
}

const Answer = ({
  answer,
  type,
  path,
  isDraft,
}: {
  readonly answer: PolicyAnswer
  readonly type: string
  readonly path: string
  readonly isDraft: boolean
}) => (
  <>
    {answer.isKnown ? (
      <section class="panel" aria-label="Neighbourhood">
        <h2>
          Around {type} <span class="muted">{answer.edges.length} pairs</span>
        </h2>
        <TypeGraph edges={answer.edges} centre={type} onType={(name) => set({ type: name })} />
      </section>
    ) : (
      <TypeNames types={answer.types} type={type} />
    )}
    <section class="panel" aria-label="Rules">
      <h2>
        Rules <span class="muted">{answer.ruleCount}</span>
      </h2>
      <ul class="lines scroll" tabIndex={0} aria-label="Rules of the type">
        {answer.rules.map((rule) => (
          <li key={rule}>
            <code>{rule}</code>
          </li>
        ))}
      </ul>
    </section>
    <Transitions transitions={answer.transitions} />
    <section class="panel" aria-label="Label of a path">
      <h2>Label of {path}</h2>
      <p>
        <code>{answer.context ?? 'none: no file context matches it, or the policy came without any'}</code>
      </p>
    </section>
    {answer.changes === null ? null : <Changes changes={answer.changes} isDraft={isDraft} />}
  </>
)

const TypeNames = ({ types, type }: { readonly types: PolicyAnswer['types']; readonly type: string }) => (
  <section class="panel" aria-label="Types">
    <h2>
      Types with “{type}” <span class="muted">{types.length}</span>
    </h2>
    <ul class="names">
      {types.map((name) => (
        <li key={name}>
          <button type="button" class="link hook" onClick={() => set({ type: name })}>
            {name}
          </button>
        </li>
      ))}
    </ul>
  </section>
)

const Transitions = ({ transitions }: Pick<PolicyAnswer, 'transitions'>) => (
  <section class="panel" aria-label="Domain transitions">
    <h2>Domain transitions</h2>
    {transitions.length === 0 ? (
      <p class="muted">None from or to it.</p>
    ) : (
      <ul>
        {transitions.map(({ source, target, entrypoints, dynamic }, i) => (
          <li key={i}>
            <code>
              {source} → {target}
            </code>{' '}
            <span class="muted">
              {entrypoints.length === 0 ? '' : `by executing ${entrypoints.join(', ')}`}
              {!dynamic ? '' : entrypoints.length === 0 ? 'by itself' : ' or by itself'}
            </span>
          </li>
        ))}
      </ul>
    )}
  </section>
)

const Changes = ({ changes, isDraft }: { readonly changes: readonly string[]; readonly isDraft: boolean }) => (
  <section class="panel" aria-label="Changes">
    <h2>What the {isDraft ? 'draft' : 'other policy'} does otherwise</h2>
    {changes.length === 0 ? (
      <p class="muted">Nothing.</p>
    ) : (
      <ul class="lines scroll" tabIndex={0} aria-label="Changes in words">
        {changes.map((line) => (
          <li key={line} class={line.startsWith('+') ? 'allowed' : line.startsWith('-') ? 'refused' : ''}>
            {line}
          </li>
        ))}
      </ul>
    )}
  </section>
)
