/** The kernel that the page shows, and everything that is known of it. The only place that talks to its worker. */
import type { MapContents } from '@lsmkit/bpf'
import { signal } from '@preact/signals'
import { DecisionStore } from '../decisions/store.ts'
import { Lanes } from '../decisions/lanes.ts'
import { Rates } from '../decisions/rate.ts'
import type {
  Attached, Ended, MachineSpec, ObjectReport, PolicyModule, PolicyText, RunRequest, StackReport,
} from '../kernel/protocol.ts'
import { Redraw } from './redraw.ts'
import { KernelClient, KernelError } from './kernel-client.ts'
import { set, setting } from './link-state.ts'

/** Milliseconds that a program has to end when it is told to, before its worker is ended. */
const PATIENCE = 4000
/** Crashes of a worker so soon after its start are not answered by another start. */
const TOO_SOON = 5000

export type Status = 'starting' | 'up' | 'down'

export const status = signal<Status>('starting')
export const report = signal<StackReport | null>(null)
/** An error message for people; null: there is none. */
export const problem = signal<string | null>(null)
export const store = new DecisionStore()
export const rates = new Rates(store)
export const lanes = new Lanes(store)
/** Grows when decisions have come, so that views look again. */
export const arrived = signal(0)
export const running = signal<string | null>(null)
export const ended = signal<Ended | null>(null)
export const objects = signal<readonly ObjectReport[]>([])
/** Output of BPF programs, the newest last. */
export const traces = signal<readonly string[]>([])

const redraw = new Redraw(() => arrived.value++)

let client: KernelClient | null = null
let startedAt = 0
/** The program that runs: settled when it has ended. */
let current: Promise<void> | null = null
const outputs = new Set<(bytes: Uint8Array) => void>()

/** Without `lsm` in the link. */
export const DEFAULT_LSM = 'capability,yama,smack'

/** The text of the reader's module in the kernel that runs. Only a press of Run puts one there, and never a link. */
export const ownModule = signal<string | null>(null)

export const specOf = (): MachineSpec => ({
  module: ownModule.value,
  lsm: setting('lsm', DEFAULT_LSM)
    .split(',')
    .filter((name) => name !== ''),
  together: setting('together') === 'yes',
})

export const onOutput = (write: (bytes: Uint8Array) => void): (() => void) => {
  outputs.add(write)
  return () => void outputs.delete(write)
}

export const kernel = (): KernelClient => {
  if (client === null) throw new KernelError('there is no kernel: start one')
  return client
}

const open = (): KernelClient =>
  new KernelClient({
    onEvent(event) {
      if (event.event === 'decisions') {
        store.add(event.batch)
        rates.update()
        lanes.update()
        redraw.due()
      } else if (event.event === 'output') for (const write of outputs) write(event.bytes)
      else traces.value = [...traces.value.slice(-99), event.line]
    },
    onCrash(message) {
      client = null
      ownModule.value = null
      status.value = 'down'
      running.value = null
      const isTooSoon = performance.now() - startedAt < TOO_SOON
      problem.value = `The worker of the kernel failed: ${message}. ${isTooSoon ? '' : 'It was started again.'}`
      if (!isTooSoon) void boot()
    },
  })

/** Numbers of decisions and calls begin again with each kernel, so its records do too. */
export const forgotten = signal(0)

const clearRecords = (): void => {
  store.clear()
  rates.clear()
  lanes.clear()
  forgotten.value++
  arrived.value++
}

export const boot = async (): Promise<void> => {
  status.value = 'starting'
  startedAt = performance.now()
  objects.value = []
  client ??= open()
  try {
    const booted = await client.call('boot', specOf())
    await loadPolicies(booted)
    clearRecords()
    report.value = booted
    status.value = 'up'
  } catch (error) {
    status.value = 'down'
    showError(error)
  }
}

/** Policies that the reader has loaded; each kernel that is booted afterwards gets them, too. */
export const loadedPolicies = new Map<PolicyModule, readonly PolicyText[]>()

const loadPolicies = async (booted: StackReport): Promise<void> => {
  for (const [module, texts] of loadedPolicies) {
    if (booted.explanation.order.includes(module)) await client?.call('loadPolicy', module, texts)
  }
}

/** Another kernel, of these modules; the link remembers them. */
export const compose = (lsm: readonly string[], together: boolean): Promise<void> => {
  set({ lsm: lsm.join(','), together: together ? 'yes' : '' })
  problem.value = null
  return boot()
}

/** Milliseconds that a module of the reader's may keep the kernel's worker for itself while a kernel boots with it. */
const MODULE_PATIENCE = 15_000

/** A module that does not come back is ended with its worker, and there is a kernel without it. */
export const withPatience = async <T>(answer: Promise<T>): Promise<T | null> => {
  const mine = client
  let timer = 0
  const late = new Promise<null>((resolve) => void (timer = window.setTimeout(resolve, MODULE_PATIENCE, null)))
  try {
    const first = await Promise.race([answer, late])
    if (first !== null || client !== mine || mine === null) return first
    client = null
    ownModule.value = null
    mine.end('the module did not come back')
    answer.catch(() => {})
    await boot()
    problem.value = 'The module did not come back, so it was ended with its kernel. There is a new one without it.'
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** A kernel with the reader's module in it, in this order; false when there is none. */
export const bootOwn = async (text: string, lsm: readonly string[]): Promise<boolean> => {
  ownModule.value = text
  problem.value = null
  set({ lsm: lsm.join(',') })
  await withPatience(boot().then(() => true))
  if (status.value === 'up' && ownModule.value !== null) return true
  if (ownModule.value === null) return false
  const said = problem.value ?? 'No kernel boots with this module'
  ownModule.value = null
  await boot()
  problem.value = `${said}. A module must let root make the first files. There is a kernel without it now.`
  return false
}

export const showError = (error: unknown): void => {
  const { message, hint } = error as KernelError
  problem.value = hint ? `${message} (${hint})` : message
}

export const run = async (request: RunRequest, title: string): Promise<void> => {
  problem.value = null
  ended.value = null
  running.value = title
  const { promise, resolve } = Promise.withResolvers<void>()
  current = promise
  try {
    ended.value = await kernel().call('run', request)
  } catch (error) {
    if (running.value !== null) showError(error)
  } finally {
    running.value = null
    current = null
    resolve()
  }
}

/** Kills the program; the worker with it, if the program does not let the kernel run. */
export const stop = async (): Promise<void> => {
  const stopped = client
  const program = current
  if (stopped === null || program === null) return
  stopped.call('stop').catch(() => {})
  const hasEnded = await Promise.race([
    program.then(() => true),
    new Promise<boolean>((resolve) => void setTimeout(resolve, PATIENCE, false)),
  ])
  if (hasEnded || stopped !== client) return
  running.value = null
  client = null
  stopped.end('it was stopped with its worker')
  await boot()
  problem.value = 'The program let nobody else run, so it was ended with its kernel. There is a new one.'
}

export const attach = async (name: string, bytes: Uint8Array): Promise<Attached> => {
  const answer = await kernel().call('attach', name, bytes)
  if (answer.ok) objects.value = [...objects.value, answer.object]
  await refresh()
  return answer
}

export const detach = async (id: number): Promise<void> => {
  await kernel().call('detach', id)
  objects.value = objects.value.filter((one) => one.id !== id)
  await refresh()
}

/** Maps of an attached object, as they are now. */
export const contents = (id: number): Promise<readonly MapContents[]> => kernel().call('contents', id)

const refresh = async (): Promise<void> => {
  report.value = await kernel().call('explain')
}
