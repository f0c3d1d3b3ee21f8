/** Run: a terminal and an editor; a shell, Ruby, an uploaded program or a scenario, as a chosen user. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ProgramChoice, ScenarioReport, UserId } from '../../kernel/protocol.ts'
import { Editor } from '../editor.tsx'
import { FileChoice } from '../file-choice.tsx'
import type { ChosenFile } from '../file-choice.tsx'
import { lacking } from '../missing-features.ts'
import { limitChoices, limitOf, limitsOf } from '../limits.ts'
import { link, oneOf, set, setting } from '../link-state.ts'
import { Refusals } from '../refusals.tsx'
import { noteTyped } from '../replay.ts'
import { scenarios, script, triesFor } from '../samples.ts'
import { ScenarioResult } from '../scenario-result.tsx'
import { ended, kernel, report, run, running, status, stop, showError } from '../session.ts'
import { Terminal } from '../terminal.tsx'
import type { Screen } from '../terminal.tsx'
import { Welcome } from '../welcome.tsx'

const programs = { shell: 'Shell', ruby: 'Ruby', scenario: 'Scenario', upload: 'Your .wasm' } as const
type ProgramName = keyof typeof programs

const users: Readonly<Record<UserId, string>> = {
  visitor: 'visitor, uid 1000',
  backup: 'backup, uid 1000 with CAP_DAC_READ_SEARCH',
  root: 'root, every capability',
}

const nameOf = (): ProgramName => oneOf('program', Object.keys(programs) as ProgramName[], 'shell')
const userOf = (): UserId => oneOf('user', Object.keys(users) as UserId[], 'visitor')
const sampleOf = (): string => oneOf('sample', Object.keys(scenarios), 'sandbox')

/** The program to run; null while nothing is uploaded. */
const choiceOf = (name: ProgramName, text: string, upload: ChosenFile | null): ProgramChoice | null => {
  if (name === 'shell') return { kind: 'shell' }
  if (name === 'ruby') return { kind: 'ruby', script: text }
  return upload === null ? null : { kind: 'upload', ...upload }
}

const runScenario = async (text: string, setResult: (report: ScenarioReport) => void): Promise<void> => {
  try {
    setResult(await kernel().call('scenario', text))
  } catch (error) {
    showError(error)
  }
}

export const Run = () => {
  void link.value
  const name = nameOf()
  const screen = useRef<Screen | null>(null)
  const [upload, setUpload] = useState<ChosenFile | null>(null)
  const [result, setResult] = useState<ScenarioReport | null>(null)
  const [isReady, setReady] = useState(false)
  const sample = name === 'ruby' ? script : scenarios[sampleOf()]!
  const text = setting('code') || sample
  const isUp = status.value === 'up' && (name === 'scenario' || lacking.length === 0)
  const isRunning = running.value !== null
  // the terminal's code comes with the first program, behind the kernel
  const [wasUp, setUp] = useState(isUp)
  useEffect(() => {
    if (isUp) setUp(true)
  }, [isUp])

  const start = async (isAsked = true): Promise<void> => {
    if (name === 'scenario') return runScenario(text, setResult)
    if (isRunning || screen.current === null) return
    const program = choiceOf(name, text, upload)
    if (program === null) return
    screen.current.clear()
    if (name === 'ruby') screen.current.note('Ruby is loaded: 30 MB, once')
    const done = run(
      { program, user: userOf(), limits: limitsOf(), ...screen.current.size() },
      name === 'upload' ? upload!.name : programs[name],
    )
    // a shell that starts by itself takes no focus: the keys are still the page's
    if (isAsked) screen.current.focus()
    await done
    const end = ended.value
    if (end !== null) screen.current?.note(`ended with ${end.status}${end.reason === '' ? '' : `: ${end.reason}`}`)
  }
  // a shell waits at its prompt as soon as there is a kernel
  useEffect(() => {
    if (name === 'shell' && isUp && isReady && !isRunning && ended.value === null) void start(false)
  }, [name, isUp, isReady])

  return (
    <div class={`view run ${name}`}>
      {name === 'shell' ? <Welcome onShell={() => screen.current?.focus()} /> : null}
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <Programs name={name} isDisabled={isRunning && name !== 'scenario'} />
        {name === 'upload' ? (
          <FileChoice label="WASI program" accept=".wasm,application/wasm" onFile={setUpload} />
        ) : null}
        {name === 'scenario' ? <Samples /> : <UserAndLimits isRunning={isRunning} />}
        {isRunning && name !== 'scenario' ? <span class="muted">Stop to choose again.</span> : null}
        <span class="spring" />
        <button
          type="submit"
          class="primary"
          disabled={!isUp || (isRunning && name !== 'scenario') || (name === 'upload' && upload === null)}
        >
          Run
        </button>
        <button type="button" disabled={!isRunning} onClick={() => void stop()}>
          Stop
        </button>
      </form>
      {lacking.length === 0 || name === 'scenario' ? null : <p class="warning lacking">{lacking.join(' ')}</p>}
      <div class="panes">
        {name === 'ruby' || name === 'scenario' ? (
          <Editor
            key={`${name} ${sampleOf()}`}
            language={name}
            text={text}
            label={name === 'ruby' ? 'Ruby script' : 'Scenario'}
            onChange={(now) => set({ code: now === sample ? '' : now })}
            onRun={() => void start()}
          />
        ) : null}
        {name === 'scenario' ? (
          <ScenarioResult result={result} />
        ) : lacking.length > 0 ? (
          <p class="starting">There is no terminal without it.</p>
        ) : !wasUp ? (
          <p class="starting">Starting a kernel in this tab…</p>
        ) : (
          <Terminal
            onReady={(made) => {
              screen.current = made
              if (name !== 'shell') made.note('Press Run. What the program writes appears here.')
              setReady(true)
            }}
          />
        )}
        {name === 'scenario' ? null : <Side isShell={name === 'shell'} />}
      </div>
    </div>
  )
}

const Programs = ({ name, isDisabled }: { readonly name: ProgramName; readonly isDisabled: boolean }) => (
  <fieldset class="segments">
    <legend class="hidden">Program</legend>
    {Object.entries(programs).map(([value, title]) => (
      <label key={value}>
        <input
          type="radio"
          name="program"
          value={value}
          checked={value === name}
          disabled={isDisabled}
          onChange={() => set({ program: value === 'shell' ? '' : value, code: '' })}
        />
        <span>{title}</span>
      </label>
    ))}
  </fieldset>
)

const UserAndLimits = ({ isRunning }: { readonly isRunning: boolean }) => (
  <>
    <label class="user">
      <span class="label">as</span>
      <select
        value={userOf()}
        disabled={isRunning}
        onChange={(event) => set({ user: event.currentTarget.value === 'visitor' ? '' : event.currentTarget.value })}
      >
        {Object.entries(users).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
    {(['time', 'memory', 'output'] as const).map((limit) => (
      <label key={limit}>
        <span class="label">{limitChoices[limit].label}</span>
        <select
          value={limitOf(limit)}
          disabled={isRunning}
          onChange={({ currentTarget: { value } }) =>
            set({ [limit]: value === limitChoices[limit].otherwise ? '' : value })
          }
        >
          {limitChoices[limit].choices.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
    ))}
  </>
)

const Samples = () => (
  <label>
    <span class="label">Sample</span>
    <select
      value={sampleOf()}
      onChange={(event) => set({ sample: event.currentTarget.value, code: '' })}
    >
      {Object.keys(scenarios).map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  </label>
)

const Side = ({ isShell }: { readonly isShell: boolean }) => (
  <div class="run-side">
    {isShell ? <Tries /> : null}
    <Refusals />
  </div>
)

const Tries = () => (
  <aside class="tries" aria-label="Things to try" tabIndex={0}>
    <h2>Try</h2>
    <ul>
      {triesFor(report.value?.explanation.order ?? []).map(({ command, does, by }) => (
        <li key={command}>
          <button
            type="button"
            disabled={running.value === null}
            onClick={() => {
              noteTyped(`${command}\n`)
              void kernel().call('type', new TextEncoder().encode(`${command}\n`))
            }}
          >
            <code>{command}</code>
            <span class="muted">
              {does}
              {by === null ? null : (
                <>
                  : <strong class="refused">{by}</strong> refuses
                </>
              )}
            </span>
          </button>
        </li>
      ))}
    </ul>
    <p class="muted">What is refused appears below. Choose it to see why.</p>
  </aside>
)
