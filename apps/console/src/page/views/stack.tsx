/** Stack: modules on, off and in which order; the boot line both ways; who is on which hook; programs of BPF; costs. */
import { useEffect, useState } from 'preact/hooks'
import { BpfObjects } from '../bpf-objects.tsx'
import { Costs } from '../costs.tsx'
import { HookMatrix } from '../hook-matrix.tsx'
import { link } from '../link-state.ts'
import { ModuleList } from '../module-list.tsx'
import { compose, report, running, specOf, status } from '../session.ts'

export const Stack = () => {
  const { lsm: linked = '', together: linkedTogether = '' } = link.value.settings
  const [names, setNames] = useState<readonly string[]>(specOf().lsm)
  const [isTogether, setTogether] = useState(specOf().together)
  const [line, setLine] = useState<string | null>(null)
  useEffect(() => {
    setNames(specOf().lsm)
    setTogether(specOf().together)
    setLine(null)
  }, [linked, linkedTogether])
  const booted = specOf()
  const isChanged = names.join() !== booted.lsm.join() || isTogether !== booted.together
  const change = (next: readonly string[]): void => {
    setNames(next)
    setLine(null)
  }
  const explanation = report.value?.explanation
  return (
    <div class="view stack">
      <div class="stack-side">
        <section class="panel" aria-label="Modules">
          <h2>Modules</h2>
          <p class="muted">
            Each call asks the modules from top to bottom. It goes ahead when all agree; the first refusal ends it. Drag
            one, or move it with Alt and an arrow key.
          </p>
          <ModuleList names={names} explanation={explanation ?? null} onChange={change} />
          <form
            class="boot-form"
            onSubmit={(event) => {
              event.preventDefault()
              void compose(names, isTogether)
            }}
          >
            <label>
              <span class="label">Boot line</span>
              <input
                type="text"
                spellcheck={false}
                value={line ?? `lsm=${names.join(',')}`}
                onInput={({ currentTarget: { value } }) => {
                  setLine(value)
                  setNames(
                    value
                      .replace(/^\s*lsm=/, '')
                      .split(',')
                      .map((name) => name.trim())
                      .filter((name) => name !== ''),
                  )
                }}
              />
            </label>
            <label class="check">
              <input
                type="checkbox"
                checked={isTogether}
                onChange={(event) => setTogether(event.currentTarget.checked)}
              />
              <span>exclusive modules together, which no kernel does</span>
            </label>
            <button type="submit" class="primary" disabled={!isChanged || status.value === 'starting'}>
              Boot{running.value === null ? '' : ', and end what runs'}
            </button>
          </form>
          {report.value === null || explanation === undefined ? null : (
            <>
              <h3>
                How the order came about <span class="muted">booted in {Math.round(report.value.took)} ms</span>
              </h3>
              <ul class="lines">
                {report.value.log.map((text, i) => (
                  <li key={i} class={/ignored|disabled|skipped/.test(text) ? 'waived' : ''}>
                    <code>LSM: {text}</code>
                  </li>
                ))}
              </ul>
              {explanation.warnings.map((text) => (
                <p key={text} class="warning">
                  {text}
                </p>
              ))}
            </>
          )}
        </section>
        <BpfObjects />
      </div>
      <div class="stack-side">
        <Costs />
        {explanation === undefined ? null : <HookMatrix explanation={explanation} />}
      </div>
    </div>
  )
}
