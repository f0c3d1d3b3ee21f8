/**
 * The text of a hook beside its name, wherever a name stands: under the pointer and with the focus. Esc puts it away,
 * and the pointer can move onto it.
 */
import type { HookDoc } from '@lsmkit/core/hook-docs'
import { useEffect, useState } from 'preact/hooks'
import { link } from './link-state.ts'
import { loadHookDoc } from './hook-doc.ts'

/** Milliseconds. */
const APPEARS = 250
const STAYS = 200
/** Pixels. */
const WIDTH = 440
const GAP = 6

interface Tip {
  readonly doc: HookDoc
  readonly left: number
  readonly top: number
  readonly isAbove: boolean
}

const ID = 'hook-tip'

/** The name that an event is about: under the pointer, or in what has the focus. */
const nameAt = (target: EventTarget | null, isFocus: boolean): HTMLElement | null => {
  if (!(target instanceof Element)) return null
  const around = target.closest<HTMLElement>('[data-hook]')
  return around ?? (isFocus && target.matches('button') ? target.querySelector<HTMLElement>('[data-hook]') : null)
}

const placeOf = (name: HTMLElement): Pick<Tip, 'left' | 'top' | 'isAbove'> => {
  const { left, top, bottom } = name.getBoundingClientRect()
  const isAbove = bottom > innerHeight * 0.6
  const most = Math.max(8, innerWidth - WIDTH - 16)
  return { left: Math.min(left, most), top: isAbove ? top - GAP : bottom + GAP, isAbove }
}

/** Follows pointer and focus until it is ended. */
class Follower {
  #timer = 0
  #name: HTMLElement | null = null
  readonly #setTip: (tip: Tip | null) => void

  constructor(setTip: (tip: Tip | null) => void) {
    this.#setTip = setTip
  }

  look(event: Event): void {
    const name = nameAt(event.target, event.type === 'focusin')
    if (event.target instanceof Element && event.target.closest(`#${ID}`) !== null) return clearTimeout(this.#timer)
    if (name === this.#name) return
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => (name === null ? this.hide() : void this.#show(name)),
      name === null ? STAYS : APPEARS)
  }

  hide(): void {
    clearTimeout(this.#timer)
    this.#name?.removeAttribute('aria-describedby')
    this.#name = null
    this.#setTip(null)
  }

  async #show(name: HTMLElement): Promise<void> {
    const doc = await loadHookDoc(name.dataset.hook!)
    this.hide()
    if (doc === null || !name.isConnected) return
    this.#name = name
    this.#setTip({ doc, ...placeOf(name) })
    // a word in a row or button has no focus of its own, and describes nothing
    if (name.matches('a')) name.setAttribute('aria-describedby', ID)
  }
}

export const HookTip = () => {
  const [tip, setTip] = useState<Tip | null>(null)
  useEffect(() => {
    const follower = new Follower(setTip)
    const look = (event: Event): void => follower.look(event)
    const hide = (): void => follower.hide()
    const onKey = ({ key }: KeyboardEvent): void => void (key === 'Escape' && hide())
    for (const type of ['pointerover', 'focusin']) document.addEventListener(type, look)
    document.addEventListener('keydown', onKey, true)
    const stop = link.subscribe(hide)
    return () => {
      for (const type of ['pointerover', 'focusin']) document.removeEventListener(type, look)
      document.removeEventListener('keydown', onKey, true)
      stop()
      hide()
    }
  }, [])
  if (tip === null) return null
  const { doc: { signature, when, answer }, left, top, isAbove } = tip
  return (
    <div
      id={ID}
      class={isAbove ? 'hook-tip above' : 'hook-tip'}
      role="tooltip"
      style={{ left: `${left}px`, top: `${top}px`, maxWidth: `min(${WIDTH}px, calc(100vw - 16px))` }}
    >
      <pre>{signature}</pre>
      <p>{when}</p>
      <p>Answer: {answer}</p>
    </div>
  )
}
