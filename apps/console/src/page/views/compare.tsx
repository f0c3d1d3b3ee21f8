/** Compare: the same attempts on several stacks; a cell opens its calls, two beside each other show where they part. */
import { useEffect, useState } from 'preact/hooks'
import type { CompareCell, CompareColumn } from '../../kernel/protocol.ts'
import { HookWord } from '../hook-name.tsx'
import { lacking } from '../missing-features.ts'
import { link, oneOf, set, setting } from '../link-state.ts'
import { kernel, ownModule, status, showError } from '../session.ts'
import { TracePair } from '../trace-pair.tsx'

const DEFAULT = 'capability|capability,landlock|capability,yama,smack|capability,yama,selinux|capability,warden'

/** One that was asked for and is not there yet is null. */
type Columns = readonly (CompareColumn | null)[]

const Answer = ({ cell: { ok, by } }: { readonly cell: CompareCell }) => {
  if (ok || by === null) return <>{ok ? 'ok' : 'fails'}</>
  return (
    <>
      {by.lsm}: <HookWord hook={by.hook} />
    </>
  )
}

/** What each stack answers, filled one stack after another. */
const useColumns = (stacks: readonly string[], who: string, isUp: boolean): Columns => {
  const [columns, setColumns] = useState<Columns>([])
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    const made: (CompareColumn | null)[] = stacks.map(() => null)
    setColumns([...made])
    const fill = async (): Promise<void> => {
      for (const [i, stack] of stacks.entries()) {
        const spec = { lsm: stack.split(','), together: false, module: ownModule.value }
        const found = await kernel().call('compare', spec, who === 'root')
        if (isGone) return
        made[i] = found
        setColumns([...made])
      }
    }
    fill().catch(showError)
    return () => void (isGone = true)
  }, [isUp, stacks.join('|'), who])
  return columns
}

const StacksField = ({ stacks }: { readonly stacks: readonly string[] }) => (
  <label class="grow">
    <span class="label">Stacks</span>
    <input
      type="text"
      spellcheck={false}
      value={stacks.join(' | ')}
      onChange={({ currentTarget: { value } }) =>
        set({
          stacks: value
            .split('|')
            .map((one) => one.replace(/\s/g, ''))
            .filter((one) => one !== '')
            .join('|'),
          cell: '',
        })
      }
    />
  </label>
)

interface CellProps {
  /** Undefined until its stack has answered. */
  readonly cell: CompareCell | undefined
  /** Its row and column, as the link has them. */
  readonly place: string
  readonly isChosen: boolean
}

const Cell = ({ cell, place, isChosen }: CellProps) =>
  cell === undefined ? (
    <td class="muted">…</td>
  ) : (
    <td>
      <button
        type="button"
        aria-pressed={isChosen}
        class={`cell ${cell.ok ? 'allowed' : 'refused'}`}
        title={cell.said}
        onClick={() => set({ cell: isChosen ? '' : place })}
      >
        <Answer cell={cell} />
      </button>
    </td>
  )

export const Compare = () => {
  void link.value
  const stacks = setting('stacks', DEFAULT).split('|')
  const who = oneOf('who', ['root', 'visitor'], 'root')
  const [row, column] = setting('cell').split('.').map(Number)
  const beside = Number(setting('beside', '0'))
  const isUp = status.value === 'up' && lacking.length === 0
  const columns = useColumns(stacks, who, isUp)
  const titles = columns.find((one) => one !== null)?.attempts ?? []
  const chosen = row === undefined || column === undefined || Number.isNaN(row) ? null : columns[column]?.cells[row]
  const other = row === undefined ? null : columns[beside]?.cells[row]
  return (
    <div class="view compare">
      <form class="toolbar" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span class="label">as</span>
          <select value={who} onChange={(event) => set({ who: event.currentTarget.value })}>
            <option value="root">root, every capability</option>
            <option value="visitor">visitor, uid 1000</option>
          </select>
        </label>
        <StacksField stacks={stacks} />
      </form>
      {lacking.length === 0 ? null : <p class="warning lacking">{lacking.join(' ')}</p>}
      <div class="compare-grid" hidden={lacking.length > 0} tabIndex={0} role="region" aria-label="Attempts by stack">
        <table>
          <thead>
            <tr>
              <th scope="col">attempt</th>
              {stacks.map((stack, i) => (
                <th key={i} scope="col">
                  {columns[i]?.order.join(' → ') ?? `${stack.replaceAll(',', ' → ')} …`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {titles.map((title, at) => {
              const [what, command] = title.split(': ')
              return (
                <tr key={title}>
                  <th scope="row">
                    {what} <code class="muted">{command}</code>
                  </th>
                  {columns.map((one, i) => (
                    <Cell key={i} cell={one?.cells[at]} place={`${at}.${i}`} isChosen={at === row && i === column} />
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {chosen === null || chosen === undefined ? (
        <p class="empty" hidden={lacking.length > 0}>
          Choose a cell to see its calls, and where another stack parts from it.
        </p>
      ) : (
        <section class="traces" aria-label="Calls">
          <header>
            <h2>{titles[row!]}</h2>
            <label>
              <span class="label">beside</span>
              <select value={String(beside)} onChange={(event) => set({ beside: event.currentTarget.value })}>
                {stacks.map((stack, i) => (
                  <option key={i} value={String(i)}>
                    {stack}
                  </option>
                ))}
              </select>
            </label>
          </header>
          <TracePair left={chosen} right={other ?? chosen} titles={[stacks[column!]!, stacks[beside]!]} />
        </section>
      )}
    </div>
  )
}
