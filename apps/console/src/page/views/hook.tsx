/** Hook: what there is to say of one hook of the kernel, and which modules of this stack are on it. */
import type { HookDoc } from '@lsmkit/core/hook-docs'
import { useEffect, useState } from 'preact/hooks'
import { loadHookDoc } from '../hook-doc.ts'
import { link, setting, show } from '../link-state.ts'
import { report } from '../session.ts'

export const Hook = () => {
  void link.value
  const name = setting('about', 'file_open')
  const [doc, setDoc] = useState<HookDoc | null | undefined>(undefined)
  useEffect(() => {
    let isGone = false
    void loadHookDoc(name).then((found) => isGone || setDoc(found))
    return () => void (isGone = true)
  }, [name])
  if (doc === undefined) return <p class="starting">Loading…</p>
  if (doc === null) return <p class="empty">The kernel has no hook of the name {name}.</p>
  return (
    <div class="view hook-page">
      <article class="panel">
        <h2>{doc.name}</h2>
        <pre>{doc.signature}</pre>
        <p>{doc.when}</p>
        <h3>Parameters</h3>
        <Parameters doc={doc} />
        <h3>Answer</h3>
        <p>{doc.answer}</p>
        <p>{doc.rules.join(' ')}</p>
        <h3>System calls that reach it</h3>
        <p>{doc.syscalls.join(', ') || 'None of those recorded.'}</p>
        <h3>Modules of Linux 6.12 on it</h3>
        <p>{doc.lsms.join(', ') || 'None but bpf.'}</p>
        <Here name={doc.name} />
      </article>
    </div>
  )
}

const Parameters = ({ doc: { parameters } }: { readonly doc: HookDoc }) =>
  parameters.length === 0 ? (
    <p class="muted">It has none.</p>
  ) : (
    <dl class="hook-parameters">
      {parameters.map(({ name, says }) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>{says}</dd>
        </div>
      ))}
    </dl>
  )

const askedText = (members: readonly string[]): string =>
  members.length === 0
    ? 'No module is on it.'
    : `${members.join(', then ')} ${members.length === 1 ? 'is' : 'are'} asked.`

const Here = ({ name }: { readonly name: string }) => {
  const members = report.value?.explanation.hooks.find(({ hook }) => hook === name)?.members ?? []
  return (
    <>
      <h3>In this stack</h3>
      <p>{askedText(members)}</p>
      <button type="button" onClick={() => show('live', { hook: name, verdict: 'any', pick: '' })}>
        Its decisions in Live
      </button>
    </>
  )
}
