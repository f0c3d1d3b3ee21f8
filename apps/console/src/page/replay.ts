/** The shell lines of a session, kept in the link, so that a refusal opens again where the link is opened. */
import { signal } from '@preact/signals'
import { limitsOf } from './limits.ts'
import { lacking } from './missing-features.ts'
import { link, oneOf, set, setting } from './link-state.ts'
import { run, running, status, store } from './session.ts'

/** Lines of a session that a link keeps, the last ones. */
const KEPT_LINES = 8

let line = ''

/** The last line that was typed at the shell; another object for each. */
export const typed = signal<{ readonly text: string } | null>(null)

const withLine = (before: string): string => [...before.split('\n'), line].slice(-KEPT_LINES).join('\n').trim()

/** Notes what is typed at the shell; a line that was edited with more than Backspace is not kept. */
export const noteTyped = (text: string): void => {
  if (setting('program') !== '') return
  for (const key of text) {
    if (key === '\r' || key === '\n') {
      if (/^[\x20-\x7e]+$/.test(line)) {
        set({ did: withLine(setting('did')) })
        typed.value = { text: line }
      }
      line = ''
    } else line = key === '\x7f' ? line.slice(0, -1) : line + key
  }
}

export const isReplayed = signal(false)

/** Runs the lines of the link once, on a kernel that has decided nothing yet. A module's text is never run by this. */
export const replay = async (): Promise<void> => {
  const lines = setting('did')
  const isWanted = link.value.view === 'live' && setting('pick') !== '' && lines !== ''
  if (isReplayed.value || !isWanted || lacking.length > 0 || status.value !== 'up') return
  if (store.total > 0 || running.value !== null) return
  isReplayed.value = true
  const user = oneOf('user', ['visitor', 'backup', 'root'], 'visitor')
  const program = { kind: 'command', path: '/usr/bin/sh', args: ['-c', lines] } as const
  await run({ program, user, limits: limitsOf(), columns: 80, rows: 24 }, 'the lines of the link')
}
