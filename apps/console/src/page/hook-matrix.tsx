/** Hooks × modules: who is on which hook, and as which in the order it is asked. */
import { useState } from 'preact/hooks'
import type { ExplanationData } from '@lsmkit/core'
import { HookLink } from './hook-name.tsx'
import { SearchField } from './search-field.tsx'
import { objects } from './session.ts'

export const HookMatrix = ({ explanation: { hooks, order, hookCount } }: { readonly explanation: ExplanationData }) => {
  const [text, setText] = useState('')
  const [isSeveral, setSeveral] = useState(false)
  const columns = [...new Set([...order, ...hooks.flatMap(({ members }) => members)])]
  const programs = objects.value.flatMap((one) => one.programs)
  const attached = (hook: string): number => programs.filter((one) => one.hook === hook).length
  const shown = hooks.filter(
    ({ hook, members }) =>
      hook.includes(text.trim()) && (!isSeveral || text !== '' || members.length + attached(hook) > 1),
  )
  return (
    <section class="panel matrix" aria-label="Hooks and modules">
      <header>
        <h2>
          Hooks{' '}
          <span class="muted">
            {shown.length} shown, {hooks.length} of {hookCount} in use; numbers tell who is asked first
          </span>
        </h2>
        <SearchField label="Hook" value={text} placeholder="file_open" onText={setText} />
        <label class="check">
          <input type="checkbox" checked={isSeveral} onChange={(event) => setSeveral(event.currentTarget.checked)} />
          <span>only where several are asked</span>
        </label>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of hooks">
        <table>
          <thead>
            <tr>
              <th scope="col">hook</th>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ hook, members }) => (
              <tr key={hook}>
                <th scope="row">
                  <HookLink hook={hook} />
                </th>
                {columns.map((name) => (
                  <td key={name}>
                    <Place at={members.indexOf(name)} programs={name === 'bpf' ? attached(hook) : 0} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** As which it is asked; programs of BPF are counted. */
const Place = ({ at, programs }: { readonly at: number; readonly programs: number }) => {
  if (programs > 0) return <span class="member">{programs === 1 ? '1 program' : `${programs} programs`}</span>
  return at < 0 ? null : <span class="member">{at + 1}</span>
}
