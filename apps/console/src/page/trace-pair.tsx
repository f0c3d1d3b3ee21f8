/** Two runs of the same program, call by call; the first call that came out otherwise is marked. */
import { useEffect, useRef } from 'preact/hooks'
import type { CompareCell } from '../kernel/protocol.ts'
import { HookLink } from './hook-name.tsx'

export interface TracePairProps {
  readonly left: CompareCell
  readonly right: CompareCell
  readonly titles: readonly [string, string]
}

export const TracePair = ({ left, right, titles }: TracePairProps) => {
  const marked = useRef<HTMLTableRowElement>(null)
  const rows = Math.max(left.trace.length, right.trace.length)
  // what a stack asks may differ on every call; where programs part is where the kernel answers otherwise
  const parting = Array.from({ length: rows }, (_, i) => i).find(
    (i) => left.trace[i]?.call.replace(/ <.*>$/, '') !== right.trace[i]?.call.replace(/ <.*>$/, ''),
  )
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [left, right])
  return (
    <>
      <p class="muted">
        {parting === undefined ? 'The kernel answers every call alike.' : `They part at call ${parting + 1}.`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Calls of both">
        <table class="pair">
          <thead>
            <tr>
              <th scope="col">call</th>
              <th scope="col">{titles[0]}</th>
              <th scope="col">{titles[1]}</th>
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: rows }, (_, i) => (
              <tr key={i} ref={i === parting ? marked : undefined} class={i === parting ? 'parting' : ''}>
                <th scope="row">
                  {i + 1}
                  {i === parting ? ', first difference' : ''}
                </th>
                <Call call={left.trace[i]} />
                <Call call={right.trace[i]} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const Call = ({ call }: { readonly call: CompareCell['trace'][number] | undefined }) => (
  <td>
    {call === undefined ? null : (
      <>
        <code>{call.call}</code>
        <span class="muted hooks">
          {call.hooks.map(({ hook, by }, i) => (
            <span key={i}>
              <HookLink hook={hook} />
              {by === null ? ' ' : `: ${by} refuses `}
            </span>
          ))}
        </span>
      </>
    )}
  </td>
)
