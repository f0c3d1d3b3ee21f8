/** `lsm fleet rollout status --watch`: a picture that is drawn anew on a terminal, and lines of changes elsewhere. */
import { isOver, readRollout, rolloutDenials } from '@lsmkit/fleet'
import type { Rollout, RolloutDenial, Store } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { printJson } from '../../output.ts'
import { changeWords, rolloutLines } from './rollout-picture.ts'
import { documentOf } from './rollout-document.ts'

export interface WatchFlags {
  readonly json?: boolean
  readonly denials?: boolean
}

const LOOK_MS = 1000
const CLEAR = new TextEncoder().encode('\u001b[H\u001b[J')

const pauseFor = (ms: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (signal.aborted) return resolve()
  const end = (): void => {
    clearTimeout(timer)
    resolve()
  }
  const timer = setTimeout(end, ms)
  signal.addEventListener('abort', end, { once: true })
})

class Watcher {
  readonly #io: Io
  readonly #flags: WatchFlags
  readonly #isTerminal: boolean
  #last = ''

  constructor(io: Io, flags: WatchFlags) {
    this.#io = io
    this.#flags = flags
    this.#isTerminal = flags.json !== true && io.terminal() !== null
  }

  show(state: Rollout, denials: readonly RolloutDenial[] | null): void {
    if (this.#isTerminal) {
      this.#io.stdout(CLEAR)
      for (const line of rolloutLines(state, { isLive: true, denials })) this.#io.print(line)
      this.#io.print('')
      this.#io.print('Ctrl C leaves it; the rollout goes on.')
      return
    }
    const now = changeWords(state)
    if (now === this.#last) return
    this.#last = now
    if (this.#flags.json === true) printJson(this.#io, documentOf(state, denials))
    else this.#io.print(`${new Date().toISOString()} ${now}`)
  }
}

/** Until the rollout is over, or somebody interrupts it. A store that is away is asked again. */
export const watchRollout = async (io: Io, store: Store, first: Rollout, flags: WatchFlags): Promise<Rollout> => {
  const end = new AbortController()
  const stop = (): void => end.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const watcher = new Watcher(io, flags)
  let state = first
  try {
    for (;;) {
      watcher.show(state, flags.denials === true ? await rolloutDenials(store, state, { signal: end.signal }) : null)
      if (isOver(state) || end.signal.aborted) return state
      await pauseFor(LOOK_MS, end.signal)
      const next = await readRollout(store)
      if (next === null) throw new CommandError('badInput', 'the store has no rollout any more')
      state = next
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
  }
}
