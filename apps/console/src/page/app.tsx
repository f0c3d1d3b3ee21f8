/** Head, views and what went wrong: everything around what a view shows. */
import { lazy, Suspense } from 'preact/compat'
import { useEffect, useState } from 'preact/hooks'
import { link, linkText, show, views } from './link-state.ts'
import type { View } from './link-state.ts'
import { exportSession, saveFile } from './export-session.ts'
import { arrived, boot, problem, report, running, status, store, showError } from './session.ts'
import { HookTip } from './hook-tip.tsx'
import { switchTheme, theme } from './theme.ts'
import { Hook } from './views/hook.tsx'
import { Live } from './views/live.tsx'
import { Module } from './views/module.tsx'
import { Policy } from './views/policy.tsx'
import { Stack } from './views/stack.tsx'
import { Run } from './views/run.tsx'
import { Timeline } from './views/timeline.tsx'

const titles: Readonly<Record<View, string>> = {
  run: 'Run',
  module: 'Module',
  stack: 'Stack',
  live: 'Live',
  timeline: 'Timeline',
  policy: 'Policy',
  compare: 'Compare',
  fleet: 'Fleet',
  hook: 'Hook',
}

/** The code of these views is no part of the first load. */
const lazyCompare = lazy(async () => ({ default: (await import('./views/compare.tsx')).Compare }))
const lazyFleet = lazy(async () => {
  const [{ Fleet }] = await Promise.all([import('./views/fleet.tsx'), import('./fleet/fleet.css')])
  return { default: Fleet }
})

const shown = {
  run: Run,
  module: Module,
  stack: Stack,
  live: Live,
  timeline: Timeline,
  policy: Policy,
  compare: lazyCompare,
  fleet: lazyFleet,
  hook: Hook,
} as const

/** Fields that take characters; a checkbox, a radio button or a file button takes none. */
const takesText = 'input:not([type=checkbox], [type=radio], [type=file]), select, textarea, [contenteditable], .xterm'

const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement && target.closest(takesText) !== null

export const App = () => {
  const { view, settings } = link.value
  const [isHelp, setHelp] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      const at = Number(event.key) - 1
      if (views[at] !== undefined) show(views[at])
      else if (event.key === '/') {
        show('live')
        event.preventDefault()
        setTimeout(() => document.querySelector<HTMLInputElement>('#search')?.focus())
      } else if (event.key === '?') setHelp(true)
      else if (event.key === 'Escape') setHelp(false)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  useEffect(() => void (document.title = `${titles[view]} · lsmkit console`), [view])
  const Shown = shown[view]
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.querySelector<HTMLElement>('#main')!.focus()
        }}
      >
        Skip to the view
      </a>
      <header class="head">
        <h1>lsmkit</h1>
        <nav aria-label="Views">
          {views.map((one, i) => (
            <a
              key={one}
              href={linkText({ view: one, settings })}
              aria-current={one === view ? 'page' : undefined}
              title={`${titles[one]} (${i + 1})`}
              onClick={(event) => {
                event.preventDefault()
                show(one)
              }}
            >
              {titles[one]}
            </a>
          ))}
        </nav>
        <BootLine />
        <button
          type="button"
          class="quiet"
          disabled={arrived.value === 0 || store.total === 0}
          title="The recorded session as one HTML file"
          onClick={() => void exportSession().then((text) => saveFile('lsmkit-session.html', text), showError)}
        >
          Export
        </button>
        <button type="button" class="quiet" onClick={() => setHelp(true)} aria-label="Keys">
          ?
        </button>
        <button type="button" class="quiet" onClick={switchTheme}>
          {theme.value ? 'Light' : 'Dark'}
        </button>
      </header>
      {problem.value === null ? null : <Problem text={problem.value} />}
      <main id="main" tabIndex={-1} aria-label={titles[view]}>
        <Suspense fallback={<p class="starting">Loading…</p>}>
          <Shown />
        </Suspense>
        <HookTip />
      </main>
      {isHelp ? <Help onClose={() => setHelp(false)} /> : null}
    </>
  )
}

const BootLine = () => {
  const order = report.value?.explanation.order.join(' → ')
  const state = status.value === 'starting' ? 'starting…' : status.value === 'down' ? 'no kernel' : order
  return (
    <p class={`boot-line ${status.value}`} aria-live="polite" title={report.value?.cmdline}>
      <span class="dot" aria-hidden="true" />
      {state}
      {running.value === null ? '' : ` · ${running.value} runs`}
    </p>
  )
}

const Problem = ({ text }: { readonly text: string }) => (
  <div class="problem" role="alert">
    <span>{text}</span>
    {status.value === 'down' ? (
      <button
        type="button"
        onClick={() => {
          problem.value = null
          void boot()
        }}
      >
        Start a kernel
      </button>
    ) : null}
    <button type="button" class="quiet" aria-label="Dismiss" onClick={() => (problem.value = null)}>
      ✕
    </button>
  </div>
)

const keys = [
  ['1 … 8', 'the views'],
  ['/', 'search in Live'],
  ['↑ ↓ Page Home End', 'move in a list; Why follows'],
  ['W S A D, N P', 'Timeline: zoom and pan; the next refusal, and the one before'],
  ['Alt ↑ ↓', 'move a module in Stack'],
  ['Ctrl Enter', 'run what is in the editor'],
  ['Esc, then Tab', 'out of the editor'],
  ['Tab or Esc', 'out of the terminal; Ctrl I and Ctrl [ type them'],
  ['?', 'this'],
] as const

const Help = ({ onClose }: { readonly onClose: () => void }) => (
  <div class="help" role="dialog" aria-label="Keys" aria-modal="true">
    <h2>Keys</h2>
    <dl>
      {keys.map(([key, does]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
    <button type="button" autofocus onClick={onClose}>
      Close
    </button>
  </div>
)
