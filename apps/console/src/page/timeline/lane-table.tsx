/** The lanes as a table: processes with their counts, a row beside each lane. Only the rows in sight exist. */
import type { Lane } from '../../decisions/lanes.ts'
import { lanes } from '../session.ts'
import { programOf } from './programs.ts'

export interface LaneTableProps {
  /** The lanes in sight: from one, up to another. */
  readonly first: number
  readonly last: number
  /** The process that is chosen. */
  readonly pid: number | null
  readonly onChoose: (pid: number | null) => void
}

/** Of a process that became another program, the last one, with those before it. */
const namesOf = ({ runs }: Lane): string => [...new Set(runs.map(({ task }) => programOf(task).name))].join(' → ')

export const LaneTable = ({ first, last, pid, onChoose }: LaneTableProps) => {
  const { list } = lanes
  return (
    <table class="lane-table" aria-label="Processes" aria-rowcount={list.length + 1}>
      <thead>
        <tr>
          <th scope="col">process</th>
          <th scope="col" class="number">asked</th>
          <th scope="col" class="number">refused</th>
        </tr>
      </thead>
      <tbody>
        {first === 0 ? null : <Gap lanes={first} />}
        {list.slice(first, last).map((lane, i) => (
          <tr key={lane.pid} aria-rowindex={first + i + 2} class={lane.pid === pid ? 'chosen' : ''}>
            <th scope="row">
              <button
                type="button"
                class="link"
                aria-pressed={lane.pid === pid}
                title={`${namesOf(lane)}, ${programOf(lane.runs.at(-1)!.task).whole}`}
                onClick={() => onChoose(lane.pid === pid ? null : lane.pid)}
              >
                {namesOf(lane)} <span class="muted">{lane.pid}</span>
              </button>
            </th>
            <td class="number">{lane.decisions.toLocaleString('en')}</td>
            <td class={lane.refused === 0 ? 'number muted' : 'number refused'}>{lane.refused.toLocaleString('en')}</td>
          </tr>
        ))}
        {last >= list.length ? null : <Gap lanes={list.length - last} />}
      </tbody>
    </table>
  )
}

/** The room of rows that are out of sight. */
const Gap = ({ lanes: count }: { readonly lanes: number }) => (
  <tr aria-hidden="true" class="gap">
    <td colSpan={3} style={{ height: `calc(var(--lane) * ${count})` }} />
  </tr>
)
