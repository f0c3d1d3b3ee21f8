/** A list of any length of which only the rows in sight exist; the newest on top, and at rest once it is scrolled. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

const ROW = 26
const MORE = 4

export interface VirtualListProps {
  readonly label: string
  readonly length: number
  /** Index of the row that is chosen; -1: none. */
  readonly chosen: number
  /** Says which one it is, also when its index changes; another one is brought into sight. */
  readonly chosenKey: unknown
  readonly row: (index: number) => ComponentChildren
  readonly onChoose: (index: number) => void
  /** So many rows have come on top since the reader scrolled. */
  readonly onRest: (isAtRest: boolean) => void
}

export const VirtualList = ({ label, length, chosen, chosenKey, row, onChoose, onRest }: VirtualListProps) => {
  const box = useRef<HTMLDivElement>(null)
  // the one of this rendering: who watches the box lives longer
  const tellRest = useRef(onRest)
  tellRest.current = onRest
  const [{ top, height }, setSight] = useState({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const element = box.current!
    const look = (): void => {
      setSight({ top: element.scrollTop, height: element.clientHeight })
      tellRest.current(element.scrollTop > 0)
    }
    const watcher = new ResizeObserver(look)
    watcher.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      watcher.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])
  const show = (index: number): void => {
    const element = box.current!
    if (index * ROW < element.scrollTop) element.scrollTop = index * ROW
    else if ((index + 1) * ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = (index + 1) * ROW - element.clientHeight
  }
  useLayoutEffect(() => {
    if (chosen >= 0) show(chosen)
  }, [chosenKey])
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / ROW) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    }
    const step = steps[event.key]
    if (step === undefined || length === 0) return
    event.preventDefault()
    const next = Math.min(length - 1, Math.max(0, chosen + step))
    onChoose(next)
    show(next)
  }
  const first = Math.max(0, Math.floor(top / ROW) - MORE)
  const last = Math.min(length, Math.ceil((top + height) / ROW) + MORE)
  const isShown = chosen >= first && chosen < last
  return (
    <div
      class="virtual"
      ref={box}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      onKeyDown={onKeyDown}
      aria-activedescendant={isShown ? `row-${chosen}` : undefined}
    >
      <div class="virtual-room" role="presentation" style={{ height: `${length * ROW}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((index) => (
          <div
            key={index}
            id={`row-${index}`}
            role="option"
            aria-selected={index === chosen}
            class="row"
            aria-setsize={length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${index * ROW}px)` }}
            onClick={() => onChoose(index)}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  )
}
