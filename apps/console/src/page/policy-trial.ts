/** A draft of policy tried on a second kernel: the lines of the session, and those that are typed from then on. */
import { effect, signal } from '@preact/signals'
import type { PolicyFault, PolicyModule, PolicyText, TriedLine, UserId } from '../kernel/protocol.ts'
import { oneOf, setting } from './link-state.ts'
import { typed } from './replay.ts'
import { forgotten, kernel, showError } from './session.ts'

/** Lines that are tried where nothing was typed. */
const usual = [
  'cat /etc/passwd', 'echo note > note.txt', 'cat /etc/shadow', 'cat /srv/report', 'echo x > /srv/tool',
  'echo mine > /usr/bin/login',
]

export interface TrialState {
  readonly module: PolicyModule
  readonly lines: readonly TriedLine[]
  readonly isBusy: boolean
}

export const trialState = signal<TrialState | null>(null)

const userOf = (): UserId => oneOf('user', ['visitor', 'backup', 'root'], 'visitor')

const tryOne = async (line: string): Promise<void> => {
  const before = trialState.value
  const found = await kernel().call('tryLine', line, userOf())
  if (found === null || trialState.value === null || trialState.value.module !== before?.module) return
  trialState.value = { ...trialState.value, lines: [...trialState.value.lines, found] }
}

/** Gives the fault of a draft that does not compile. */
export const beginTrial = async (
  module: PolicyModule,
  texts: readonly PolicyText[],
): Promise<PolicyFault | null> => {
  trialState.value = { module, lines: [], isBusy: true }
  try {
    const fault = await kernel().call('beginTrial', module, texts)
    if (fault !== null) return fault
    const session = setting('did').split('\n').filter((line) => line !== '')
    for (const line of session.length > 0 ? session : usual) await tryOne(line)
    return null
  } finally {
    trialState.value = trialState.value === null ? null : { ...trialState.value, isBusy: false }
  }
}

export const endTrial = (): void => void (trialState.value = null)

// what is typed at the shell from now on runs on both kernels, too
let seen = typed.value
effect(() => {
  const line = typed.value
  if (line === seen || line === null) return
  seen = line
  if (trialState.peek() !== null) void tryOne(line.text).catch(showError)
})
// another kernel, another pair
let life = forgotten.value
effect(() => {
  if (forgotten.value === life) return
  life = forgotten.value
  trialState.value = null
})
