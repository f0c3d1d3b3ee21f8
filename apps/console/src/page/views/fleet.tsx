/** Fleet: a rollout over many hosts: rings, the gate, and the denials that stopped it, with their Why. */
import { useEffect, useState } from 'preact/hooks'
import { FileChoice } from '../file-choice.tsx'
import type { ChosenFile } from '../file-choice.tsx'
import { FleetDenials } from '../fleet/denials.tsx'
import { parseFleet } from '../fleet/document.ts'
import type { FleetDocument } from '../fleet/document.ts'
import { FleetGatePart } from '../fleet/gate.tsx'
import { FleetHosts, FleetRings } from '../fleet/rings.tsx'
import { numberSetting, oneOf, set } from '../link-state.ts'
import recorded from '../fleet/recorded.json'

const moments = recorded as unknown as readonly FleetDocument[]
const LOOK_MS = 2000

/** A rollout, or why there is none; null until the first answer. */
type Found = FleetDocument | string | null

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The file `fleet.json` beside the page, looked at again and again. */
const useServed = (isWanted: boolean): Found => {
  const [found, setFound] = useState<Found>(null)
  useEffect(() => {
    if (!isWanted) return undefined
    let isGone = false
    let timer = 0
    const look = async (): Promise<void> => {
      try {
        const answer = await fetch('fleet.json', { cache: 'no-store' })
        if (!answer.ok) throw new Error('There is no fleet.json beside this page: npm start -- --serve --fleet FILE')
        const next = parseFleet(await answer.text())
        if (!isGone) setFound(next)
      } catch (error) {
        if (!isGone) setFound(messageOf(error))
      }
      if (!isGone) timer = window.setTimeout(() => void look(), LOOK_MS)
    }
    void look()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [isWanted])
  return found
}

const fromFile = ({ name, bytes }: ChosenFile): Found => {
  try {
    return parseFleet(new TextDecoder().decode(bytes))
  } catch (error) {
    return `${name}: ${messageOf(error)}`
  }
}

const stepName = ({ step, ring, rings }: FleetDocument['rollout']): string =>
  step === 'ring' ? `ring ${rings[ring]?.name ?? ring}` : step

const Moments = ({ at }: { readonly at: number }) => (
  <label class="moments">
    <span class="label">Moment</span>
    <input
      type="range"
      min={1}
      max={moments.length}
      value={at + 1}
      aria-valuetext={`${at + 1} of ${moments.length}: ${stepName(moments[at]!.rollout)}`}
      onInput={({ currentTarget: { value } }) => set({ moment: value })}
    />
    <span class="muted">
      {at + 1} of {moments.length}
    </span>
  </label>
)

const Head = ({ document: { rollout } }: { readonly document: FleetDocument }) => {
  const { title, id, bundle, paused, stopped } = rollout
  return (
    <section class="fleet-head" aria-label="Rollout">
      <h2>
        {title} <span class="muted">{stepName(rollout)}</span>
      </h2>
      {paused === null ? null : <p class="waived">Paused: {paused}</p>}
      {stopped === null ? null : <p class="refused">Stopped: {stopped}</p>}
      <p class="muted">
        rollout <code>{id}</code>, bundle <code>{bundle.slice(0, 12)}</code>
      </p>
    </section>
  )
}

const time = (at: number): string => new Date(at).toISOString().replace('T', ' ').slice(0, 19)

const Notes = ({ notes }: Pick<FleetDocument['rollout'], 'notes'>) => (
  <section class="fleet-notes" aria-label="Steps">
    <h3>Steps</h3>
    <ol>
      {notes.map(({ at, text }, i) => (
        <li key={i}>
          <time class="muted">{time(at)}</time> {text}
        </li>
      ))}
    </ol>
  </section>
)

const Whole = ({ document }: { readonly document: FleetDocument }) => (
  <div class="fleet-parts">
    <Head document={document} />
    <div class="fleet-column">
      <FleetRings rollout={document.rollout} />
      <FleetGatePart gate={document.gate} rollout={document.rollout} />
    </div>
    <FleetHosts rollout={document.rollout} />
    <FleetDenials denials={document.denials} />
    <Notes notes={document.rollout.notes} />
  </div>
)

export const Fleet = () => {
  const source = oneOf('fleet', ['recorded', 'served'], 'recorded')
  const at = Math.min(Math.max((numberSetting('moment') ?? moments.length) - 1, 0), moments.length - 1)
  const [file, setFile] = useState<Found>(null)
  const served = useServed(source === 'served' && file === null)
  const shown: Found = file ?? (source === 'served' ? served : moments[at]!)
  return (
    <div class="view fleet">
      <form class="toolbar" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span class="label">Fleet</span>
          <select
            value={source}
            disabled={file !== null}
            onChange={({ currentTarget: { value } }) => set({ fleet: value })}
          >
            <option value="recorded">a recorded rollout</option>
            <option value="served">fleet.json of this server</option>
          </select>
        </label>
        {source === 'recorded' && file === null ? <Moments at={at} /> : null}
        <FileChoice
          label="Or a status"
          accept=".json,application/json"
          onFile={(chosen) => setFile(chosen === null ? null : fromFile(chosen))}
        />
      </form>
      {shown === null ? <p class="starting">Loading…</p> : null}
      {typeof shown === 'string' ? <p class="warning fleet-fault" role="alert">{shown}</p> : null}
      {shown === null || typeof shown === 'string' ? null : <Whole document={shown} />}
    </div>
  )
}
