/** Policy: types of SELinux and what is around them, labels of paths, two policies; Smack's rules; AppArmor's part. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { PolicyAnswer, PolicyFile } from '../../kernel/protocol.ts'
import { FileChoice } from '../file-choice.tsx'
import { link, oneOf, set, setting } from '../link-state.ts'
import { SearchField } from '../search-field.tsx'
import { kernel, report, specOf, status } from '../session.ts'
import { TypeGraph } from '../type-graph.tsx'

const parts = { types: 'SELinux, Smack', profiles: 'AppArmor' } as const

/** The part of a module that the stack has, unless the link names one. */
export const Policy = () => {
  void link.value
  const known = Object.keys(parts) as (keyof typeof parts)[]
  const part = oneOf('policy', known, specOf().lsm.includes('apparmor') ? 'profiles' : 'types')
  const [Profiles, setProfiles] = useState<ComponentType | null>(null)
  useEffect(() => {
    const load = async (): Promise<void> => {
      const { ApparmorPolicy } = await import('../apparmor-policy.tsx')
      setProfiles(() => ApparmorPolicy)
    }
    if (part === 'profiles') void load()
  }, [part])
  return (
    <>
      <fieldset class="segments policy-modules">
        <legend class="hidden">Modules</legend>
        {known.map((name) => (
          <label key={name}>
            <input type="radio" name="policy" checked={name === part} onChange={() => set({ policy: name })} />
            <span>{parts[name]}</span>
          </label>
        ))}
      </fieldset>
      {part === 'types' ? (
        <Types />
      ) : (
        <div class="view policy">
          {Profiles === null ? <p class="starting">Compiling the profiles…</p> : <Profiles />}
        </div>
      )}
    </>
  )
}

/** What SELinux's policy says of a type and a path, and Smack's rules. */
const Types = () => {
  void link.value
  const [type, path] = [setting('type', 'guest_t'), setting('path', '/etc/shadow')]
  const [file, setFile] = useState<PolicyFile | null>(null)
  const [beside, setBeside] = useState<PolicyFile | null>(null)
  const [answer, setAnswer] = useState<PolicyAnswer | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const isUp = status.value === 'up'
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    const ask = async (): Promise<void> => {
      try {
        const found = await kernel().call('policy', { type, path, file, beside })
        if (isGone) return
        setAnswer(found)
        setFault(null)
      } catch (error) {
        if (!isGone) setFault((error as Error).message)
      }
    }
    void ask()
    return () => void (isGone = true)
  }, [isUp, type, path, file, beside, report.value])
  return (
    <div class="view policy">
      <form class="toolbar" role="search" onSubmit={(event) => event.preventDefault()}>
        <SearchField label="Type" value={type} onText={(text) => set({ type: text })} />
        <SearchField label="Path" value={path} onText={(text) => set({ path: text })} />
        <FileChoice label="Policy, binary or CIL (the tour's unless given)" onFile={setFile} />
        <FileChoice label="Compare with" onFile={setBeside} />
      </form>
      {fault === null ? null : (
        <p class="refused policy-fault" role="alert">
          {fault}
        </p>
      )}
      {answer === null ? (
        <p class="starting">Compiling the policy…</p>
      ) : (
        <Answer answer={answer} type={type} path={path} />
      )}
    </div>
  )
}

const Answer = ({
  answer,
  type,
  path,
}: {
  readonly answer: PolicyAnswer
  readonly type: string
  readonly path: string
}) => (
  <div class="policy-parts">
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
    <SmackRules rules={answer.smack} />
    {answer.changes === null ? null : <Changes changes={answer.changes} />}
  </div>
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

const SmackRules = ({ rules }: { readonly rules: PolicyAnswer['smack'] }) => (
  <section class="panel" aria-label="Smack">
    <h2>
      Smack rules <span class="muted">of the machine that runs</span>
    </h2>
    {rules.length === 0 ? (
      <p class="muted">Smack is not in the stack, or has none.</p>
    ) : (
      <ol class="lines numbered">
        {rules.map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ol>
    )}
  </section>
)

const Changes = ({ changes }: { readonly changes: readonly string[] }) => (
  <section class="panel" aria-label="Changes">
    <h2>What the other policy does otherwise</h2>
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
