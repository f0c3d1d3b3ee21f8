/** Modules as cards that are switched on and off, dragged, or moved by keyboard. */
import { useRef, useState } from 'preact/hooks'
import type { ExplanationData } from '@lsmkit/core'
import { moduleNames, moduleTexts } from './module-texts.ts'

export interface ModuleListProps {
  /** Those of `lsm=`, in order. */
  readonly names: readonly string[]
  /** Of the kernel that runs. */
  readonly explanation: ExplanationData | null
  readonly onChange: (names: readonly string[]) => void
}

const moved = (names: readonly string[], name: string, to: number): string[] => {
  const rest = names.filter((one) => one !== name)
  return rest.toSpliced(Math.max(0, Math.min(rest.length, to)), 0, name)
}

export const ModuleList = ({ names, explanation, onChange }: ModuleListProps) => {
  const [dragged, setDragged] = useState<string | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const all = [...names, ...moduleNames.filter((name) => !names.includes(name))]
  const move = (name: string, by: number): void => {
    onChange(moved(names, name, names.indexOf(name) + by))
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-module="${CSS.escape(name)}"] .grip`)?.focus(),
    )
  }
  return (
    <ul class="modules" ref={list}>
      {all.map((name) => {
        const isOn = names.includes(name)
        const told = explanation?.lsms.find((one) => one.name === name)
        const why = !isOn
          ? ''
          : told === undefined
            ? moduleTexts[name] === undefined
              ? 'no module has this name: ignored'
              : 'after the next boot'
            : told.enabled
              ? ''
              : `off: ${told.why}`
        return (
          <li
            key={name}
            data-module={name}
            class={`module ${isOn ? 'on' : 'off'} ${dragged === name ? 'dragged' : ''}`}
            draggable={isOn}
            onDragStart={(event) => {
              setDragged(name)
              event.dataTransfer!.effectAllowed = 'move'
              event.dataTransfer!.setData('text/plain', name)
            }}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event) => {
              if (dragged === null || !isOn) return
              event.preventDefault()
              if (dragged !== name) onChange(moved(names, dragged, names.indexOf(name)))
            }}
            onDrop={(event) => event.preventDefault()}
          >
            <button
              type="button"
              class="grip"
              disabled={!isOn}
              aria-label={
                isOn ? `${name}, place ${names.indexOf(name) + 1} of ${names.length}; Alt and arrow keys move it` : name
              }
              onKeyDown={(event) => {
                const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
                if (by === undefined || !event.altKey) return
                event.preventDefault()
                move(name, by)
              }}
            >
              <span aria-hidden="true">⠿</span>
            </button>
            <label>
              <input
                type="checkbox"
                checked={isOn}
                onChange={() => onChange(isOn ? names.filter((one) => one !== name) : [...names, name])}
              />
              <strong>{name}</strong>
            </label>
            <span class="muted">{moduleTexts[name] ?? ''}</span>
            {why === '' ? null : <span class="waived">{why}</span>}
          </li>
        )
      })}
    </ul>
  )
}
