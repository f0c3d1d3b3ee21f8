/** The terminal: what programs write, and what is typed at them. Loaded when it is first shown. */
import { printable } from '@lsmkit/abi'
import { useEffect, useRef } from 'preact/hooks'
import type { Terminal as XTerm } from '@xterm/xterm'
import { kernel, onOutput, running } from './session.ts'
import { noteTyped } from './replay.ts'
import { theme } from './theme.ts'

const light = {
  background: '#ffffff',
  foreground: '#1d1f23',
  cursor: '#1d1f23',
  selectionBackground: '#b9cdf5',
  black: '#1d1f23',
  red: '#b3261e',
  green: '#1a7f37',
  yellow: '#8a5a00',
  blue: '#2456c7',
  magenta: '#8a3ea8',
  cyan: '#0b7285',
  white: '#5f646d',
}
const dark = {
  background: '#14161a',
  foreground: '#e4e6ea',
  cursor: '#e4e6ea',
  selectionBackground: '#344a78',
  black: '#14161a',
  red: '#ff7b72',
  green: '#5fd38a',
  yellow: '#e3b341',
  blue: '#7aa7ff',
  magenta: '#d2a8ff',
  cyan: '#56d4dd',
  white: '#e4e6ea',
}

export interface Screen {
  size(): { readonly columns: number; readonly rows: number }
  clear(): void
  note(text: string): void
  focus(): void
}

/** One for the page: what it shows stays while other views are looked at. */
interface Kept {
  readonly terminal: XTerm
  readonly element: HTMLElement
  readonly fit: () => void
}

let kept: Promise<Kept> | null = null

const make = async (): Promise<Kept> => {
  const [{ Terminal: Made }, { FitAddon }] = await Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-fit'),
    import('@xterm/xterm/css/xterm.css'),
  ])
  const terminal = new Made({
    fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
    fontSize: 13,
    lineHeight: 1.2,
    scrollback: 5000,
    cursorBlink: false,
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  const encoder = new TextEncoder()
  // xterm takes every key; these two stay the page's, so that the keyboard gets out again
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return true
    if (event.key === 'Escape' && event.type === 'keydown') terminal.blur()
    return event.key !== 'Tab' && event.key !== 'Escape'
  })
  terminal.onData((text) => {
    if (running.value !== null) noteTyped(text)
    if (running.value !== null) void kernel().call('type', encoder.encode(text))
  })
  terminal.onResize(({ cols, rows }) => {
    if (running.value !== null) void kernel().call('resize', cols, rows)
  })
  onOutput((bytes) => terminal.write(bytes))
  const element = document.createElement('div')
  element.className = 'terminal-room'
  return { terminal, element, fit: () => fit.fit() }
}

const screenOf = ({ terminal }: Kept): Screen => ({
  size: () => ({ columns: terminal.cols, rows: terminal.rows }),
  clear: () => terminal.reset(),
  note: (text) => terminal.write(`\x1b[3m${printable(text)}\x1b[0m\r\n`),
  focus: () => terminal.focus(),
})

/** `onReady` is given what the view may do with it. */
export const Terminal = ({ onReady }: { readonly onReady: (screen: Screen) => void }) => {
  const box = useRef<HTMLDivElement>(null)
  const isDark = theme.value
  useEffect(() => {
    const place = box.current!
    const watcher = new ResizeObserver(() => void kept?.then(({ fit }) => fit()))
    const open = async (): Promise<void> => {
      const one = await (kept ??= make())
      if (box.current === null) return
      place.append(one.element)
      if (one.terminal.element === undefined) one.terminal.open(one.element)
      one.fit()
      watcher.observe(place)
      onReady(screenOf(one))
    }
    void open()
    return () => watcher.disconnect()
  }, [])
  useEffect(() => {
    const dress = async (): Promise<void> => {
      const { terminal } = await (kept ??= make())
      terminal.options.theme = isDark ? dark : light
    }
    void dress()
  }, [isDark])
  return (
    <div class="terminal-pane">
      <div class="terminal" ref={box} aria-label="Terminal" role="group" aria-describedby="terminal-keys" />
      <p class="key-note" id="terminal-keys">
        <kbd>Tab</kbd> and <kbd>Esc</kbd> leave the terminal. To type them, press <kbd>Ctrl I</kbd> and{' '}
        <kbd>Ctrl [</kbd>.
      </p>
    </div>
  )
}
