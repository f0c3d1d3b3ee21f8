/** Module: a module of the reader's own, written here, run in a kernel of this tab, with the Why of its denials. */
import { useState } from 'preact/hooks'
import type { ConformanceResult, ModuleCost } from '../../kernel/protocol.ts'
import { Editor } from '../editor.tsx'
import { HookLink } from '../hook-name.tsx'
import { lacking } from '../missing-features.ts'
import { link, set, setting } from '../link-state.ts'
import { moduleExamples } from '../module-examples.ts'
import {
  exampleOf, fault, isTrying, programOf, setProgram, setSource, sourceOf, sourceOfLink, trial, tryOwnModule,
} from '../own-module.ts'
import { kernel, ownModule, running, showError, status, stop, withPatience } from '../session.ts'
import { TrialResult } from '../trial-result.tsx'
import { saveFile } from '../export-session.ts'

type Extra =
  | { readonly kind: 'conformance'; readonly results: readonly ConformanceResult[] }
  | { readonly kind: 'cost'; readonly costs: readonly ModuleCost[] }

export const Module = () => {
  void link.value
  const [extra, setExtra] = useState<Extra | null>(null)
  const tryIt = (): void => {
    setExtra(null)
    void tryOwnModule().catch(showError)
  }
  return (
    <div class="view module-view">
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          tryIt()
        }}
      >
        <Start />
        <span class="spring" />
        <Questions onAnswer={setExtra} />
      </form>
      {lacking.length === 0 ? null : <p class="warning lacking">{lacking.join(' ')}</p>}
      <Origin />
      <div class="module-panes">
        <Editor
          key={exampleOf()}
          language="module"
          text={sourceOf()}
          label="Module"
          onChange={(text) => {
            fault.value = null
            setSource(text)
          }}
          onRun={tryIt}
        />
        <div class="module-side">
          <label class="program-lines">
            <span class="label">
              Program: one shell line each; <code>$</code> as the visitor, <code>#</code> as root
            </span>
            <textarea
              key={exampleOf()}
              rows={Math.max(4, programOf().split('\n').length)}
              spellcheck={false}
              value={programOf()}
              onInput={(event) => setProgram(event.currentTarget.value)}
            />
          </label>
          {extra === null ? <TrialResult /> : <ExtraResult extra={extra} onClose={() => setExtra(null)} />}
        </div>
      </div>
    </div>
  )
}

const isFree = (): boolean => status.value === 'up' && !isTrying.value && lacking.length === 0

const Start = () => (
  <>
    <label>
      <span class="label">Start from</span>
      <select
        value={exampleOf()}
        onChange={(event) => {
          fault.value = null
          set({ example: event.currentTarget.value, source: '', lines: '', which: '' })
        }}
      >
        {Object.entries(moduleExamples).map(([name, { title }]) => (
          <option key={name} value={name}>
            {name}: refuses {title}
          </option>
        ))}
      </select>
    </label>
    <button type="submit" class="primary" disabled={!isFree()}>
      {isTrying.value ? 'Running…' : 'Run'}
    </button>
    <button type="button" disabled={running.value === null} onClick={() => void stop()}>
      Stop
    </button>
  </>
)

const askConformance = async (): Promise<Extra | null> => {
  const results = await withPatience(kernel().call('conformance', sourceOf()))
  return results === null ? null : { kind: 'conformance', results }
}

const askCost = async (name: string): Promise<Extra | null> => {
  const costs = await withPatience(kernel().call('moduleCosts', name))
  return costs === null ? null : { kind: 'cost', costs }
}

/** They run the module too, so that it has to have been run by the reader before. */
const Questions = ({ onAnswer }: { readonly onAnswer: (extra: Extra | null) => void }) => {
  const [busy, setBusy] = useState('')
  const made = trial.value?.made
  const isReady = isFree() && busy === '' && made !== undefined && running.value === null
  const ask = async (what: string, question: () => Promise<Extra | null>): Promise<void> => {
    setBusy(what)
    try {
      onAnswer(await question())
    } catch (error) {
      showError(error)
    } finally {
      setBusy('')
    }
  }
  return (
    <>
      <button
        type="button"
        disabled={!isReady}
        title="The rules of the kernel that every module keeps, checked on this one"
        onClick={() => void ask('conformance', askConformance)}
      >
        {busy === 'conformance' ? 'Checking…' : 'Conformance'}
      </button>
      <button
        type="button"
        disabled={!isReady}
        title="Nanoseconds of each of its hooks, with the module and without it"
        onClick={() => void ask('cost', () => askCost(made!.name))}
      >
        {busy === 'cost' ? 'Measuring…' : 'Cost'}
      </button>
      <button
        type="button"
        disabled={made === undefined}
        title="A folder with this module, its tests and all that npm needs"
        onClick={() => void download(made!.name, made!.maker).catch(showError)}
      >
        Download as a project
      </button>
    </>
  )
}

const download = async (name: string, maker: string): Promise<void> => {
  const { projectZip } = await import('../module-project.ts')
  saveFile(`${name}.zip`, projectZip(name, maker, sourceOf()), 'application/zip')
}

/** A text that came with a link is somebody else's, and waits for the reader. */
const Origin = () =>
  sourceOfLink.value === '' || setting('source') === '' || ownModule.value !== null ? (
    <p class="note">
      Write a module, and press Run: a kernel boots with it in this tab, and the program below meets it. It runs in a
      worker of this page, and nowhere else.
    </p>
  ) : (
    <p class="note warning">
      This text came with the address. Nothing of it has run. Read it, then press Run: it runs in a worker of this page.
    </p>
  )

const ExtraResult = ({ extra, onClose }: { readonly extra: Extra; readonly onClose: () => void }) => (
  <section class="trial" aria-label={extra.kind === 'cost' ? 'Cost' : 'Conformance'}>
    <header>
      <h2>{extra.kind === 'cost' ? 'Cost of its hooks' : conformanceTitle(extra.results)}</h2>
      <button type="button" class="quiet" onClick={onClose}>
        Back to the run
      </button>
    </header>
    {extra.kind === 'cost' ? <CostTable costs={extra.costs} /> : <ConformanceList results={extra.results} />}
  </section>
)

const conformanceTitle = (results: readonly ConformanceResult[]): string =>
  `Conformance: ${results.filter(({ fault: found }) => found === null).length} of ${results.length} passed`

const ConformanceList = ({ results }: { readonly results: readonly ConformanceResult[] }) => (
  <ul class="lines">
    {results.map(({ name, fault: found }) => (
      <li key={name}>
        <span class={found === null ? 'allowed' : 'refused'}>{found === null ? 'passed' : 'failed'}</span> {name}
        {found === null ? null : <pre>{found}</pre>}
      </li>
    ))}
  </ul>
)

const CostTable = ({ costs }: { readonly costs: readonly ModuleCost[] }) =>
  costs.length === 0 ? (
    <p class="muted">None of its hooks is among those that the measured program asks again and again.</p>
  ) : (
    <table class="costs">
      <thead>
        <tr>
          <th scope="col">hook</th>
          <th scope="col" class="number">without</th>
          <th scope="col" class="number">with</th>
          <th scope="col" class="number">the module</th>
        </tr>
      </thead>
      <tbody>
        {costs.map(({ hook, nanoseconds, without }) => (
          <tr key={hook}>
            <th scope="row">
              <HookLink hook={hook} />
            </th>
            <td class="number">{without.toFixed(1)} ns</td>
            <td class="number">{nanoseconds.toFixed(1)} ns</td>
            <td class="number">{Math.max(0, nanoseconds - without).toFixed(1)} ns</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
