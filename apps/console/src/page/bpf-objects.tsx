/** Objects of BPF: put on and taken off while a program runs; one that is refused is shown with the verifier's log. */
import { useState } from 'preact/hooks'
import type { Attached } from '../kernel/protocol.ts'
import { HookLink } from './hook-name.tsx'
import { FileChoice } from './file-choice.tsx'
import { ObjectMaps } from './map-contents.tsx'
import { attach, compose, detach, objects, report, specOf, showError, traces } from './session.ts'

const urls = import.meta.glob<string>(
  ['../../../../packages/bpf/objects/{deflector,detector,keeper}.o', '../../objects/unchecked.o'],
  { query: '?url', import: 'default', eager: true },
)
const texts: Readonly<Record<string, string>> = {
  deflector: 'refuses writes to executables',
  detector: 'tells what is opened and executed',
  keeper: 'keeps something in maps of each kind',
  unchecked: 'forgets a check: the verifier refuses it',
}
const shipped = Object.entries(urls).map(([path, url]) => ({ name: /(\w+)\.o$/.exec(path)![1]!, url }))

export const BpfObjects = () => {
  const [refused, setRefused] = useState<{
    readonly name: string
    readonly answer: Extract<Attached, { ok: false }>
  } | null>(null)
  const isThere = report.value?.explanation.order.includes('bpf') === true
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    try {
      const answer = await attach(name, bytes)
      setRefused(answer.ok ? null : { name, answer })
    } catch (error) {
      showError(error)
    }
  }
  return (
    <section class="panel" aria-label="Programs of BPF">
      <h2>BPF</h2>
      {isThere ? (
        <div class="objects-add">
          {shipped.map(({ name, url }) => (
            <button
              key={name}
              type="button"
              title={texts[name]}
              onClick={() =>
                void fetch(url)
                  .then((answer) => answer.arrayBuffer())
                  .then((buffer) => put(`${name}.o`, new Uint8Array(buffer)))
              }
            >
              attach {name}
            </button>
          ))}
          <FileChoice
            label="Your object"
            accept=".o"
            onFile={(file) => file !== null && void put(file.name, file.bytes)}
          />
        </div>
      ) : (
        <p class="muted">
          bpf is not in the stack.{' '}
          <button type="button" onClick={() => void compose([...specOf().lsm, 'bpf'], specOf().together)}>
            Boot with bpf
          </button>
        </p>
      )}
      <ul class="objects">
        {objects.value.map(({ id, name, programs }) => (
          <li key={id}>
            <strong>{name}</strong>
            <span class="muted">
              {programs.map((one, i) => (
                <span key={i}>
                  {i === 0 ? '' : ', '}
                  {one.name} on <HookLink hook={one.hook} />
                </span>
              ))}
            </span>
            <button type="button" onClick={() => void detach(id)}>
              Detach
            </button>
            <ObjectMaps id={id} name={name} />
          </li>
        ))}
      </ul>
      {refused === null ? null : (
        <div class="refusal" role="alert">
          <p class="refused">
            {refused.name} was refused: {refused.answer.message}
          </p>
          {refused.answer.lines.length === 0 ? null : (
            <ol class="verifier" tabIndex={0} aria-label="The verifier's log beside the lines of C">
              {refused.answer.lines.map(({ source, log }, i) => (
                <li key={i} class={i === refused.answer.lines.length - 1 ? 'last' : ''}>
                  <code class="source">{source ?? ''}</code>
                  <pre>{log.join('\n')}</pre>
                </li>
              ))}
            </ol>
          )}
        </div>
      )}
      {traces.value.length === 0 ? null : (
        <details>
          <summary>{traces.value.length} lines printed</summary>
          <ul class="lines">
            {traces.value.map((line, i) => (
              <li key={i}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
