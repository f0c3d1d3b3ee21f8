/** The worker in which the kernel lives: answers the page's requests, and sends what was decided in batches. */
import { buffersOf, DecisionEncoder } from '../decisions/encoder.ts'
import { Guest } from './guest.ts'
import { bootMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import type { AttachedObjects } from './objects.ts'
import type { KernelCalls, Request, KernelEvent } from './protocol.ts'
import type { PolicyTrial } from './policy-trial.ts'
import { writeSetting } from './policy-texts.ts'
import { rubyBytes, toolBytes } from './programs.ts'

/** Milliseconds between batches. */
const PACE = 50

const tell = (told: KernelEvent, moved: Transferable[] = []): void => self.postMessage(told, { transfer: moved })
const trace = (line: string): void => tell({ event: 'trace', line })

/** What is there from one boot to the next. */
interface Life {
  readonly machine: Machine
  /** Null where the stack has no BPF. */
  readonly objects: AttachedObjects | null
}

/** BPF's code comes with the first stack that has it. */
const objectsOf = async (machine: Machine): Promise<AttachedObjects | null> =>
  machine.made.bpf === null ? null : new (await import('./objects.ts')).AttachedObjects(machine)

let encoder = new DecisionEncoder()
let life: Life | null = null
let guest: Guest | null = null
/** A draft of policy that is being tried. */
let trial: PolicyTrial | null = null

const booted = (): Life => {
  if (life === null) throw new Error('there is no machine yet')
  return life
}

let sent = 0
/** Sends what has come. While a program keeps the thread, the program's own calls see to it. */
const send = (): void => {
  sent = performance.now()
  const missed = life?.machine.stack.audit.missed.count ?? 0
  for (const batch of encoder.take(missed)) tell({ event: 'decisions', batch }, buffersOf(batch))
}
setInterval(send, PACE)
const sendWhenDue = (): void => {
  if (performance.now() - sent > PACE) send()
}

const calls: KernelCalls = {
  async boot(spec) {
    guest?.stop()
    guest = null
    trial = null
    send()
    encoder = new DecisionEncoder()
    const tools = await toolBytes()
    const machine = await bootMachine(spec, { encoder, tools, trace, onCall: sendWhenDue })
    life = { machine, objects: await objectsOf(machine) }
    return machine.report()
  },
  async run(request) {
    if (guest !== null) throw new Error('a program runs already: stop it first')
    const { machine } = booted()
    encoder.isStarting = request.program.kind === 'shell'
    guest = new Guest(machine, request)
    const mine = guest
    try {
      return await guest.run({ write: (bytes) => tell({ event: 'output', bytes: bytes.slice() }), ruby: rubyBytes })
    } finally {
      encoder.isStarting = false
      send()
      if (guest === mine) guest = null
    }
  },
  type(bytes) {
    encoder.isStarting = false
    guest?.type(bytes)
  },
  resize: (columns, rows) => guest?.resize(columns, rows),
  stop() {
    guest?.stop()
    return guest !== null
  },
  async why(serial) {
    const call = encoder.callOf(serial)
    return call === null ? null : (await import('./why.ts')).whyOf(booted().machine, call, serial)
  },
  async attach(name, bytes) {
    const { objects } = booted()
    return objects === null
      ? { ok: false, message: '`bpf` is not in the stack: switch it on first', lines: [] }
      : objects.attach(name, bytes)
  },
  detach: (id) => booted().objects?.detach(id),
  contents: (id) => booted().objects?.contents(id) ?? [],
  async costs() {
    const {
      machine: { spec },
      objects,
    } = booted()
    const twin = await bootMachine(spec, { encoder: null, tools: await toolBytes(), trace })
    const copied = await objectsOf(twin)
    if (copied !== null) objects?.copyTo(copied)
    return (await import('./costs.ts')).measureCosts(twin)
  },
  explain: () => booted().machine.report(),
  checkModule: async (text) => (await import('./own-module.ts')).syntaxFault(text),
  tryModule: async (text) => (await import('./own-module.ts')).tryModule(text),
  conformance: async (text) => (await import('./own-checks.ts')).conformanceOf(text),
  moduleCosts: async (name) => (await import('./own-checks.ts')).moduleCosts(booted().machine.spec, name),
  compare: async (spec, isRoot) => (await import('./compare.ts')).compareColumn(spec, isRoot, await toolBytes()),
  apparmor: async (question) => (await import('./apparmor-policy.ts')).askApparmor(booted().machine, question),
  checkProfiles: async (text) => (await import('./apparmor-policy.ts')).checkProfileText(text),
  loadProfiles: async (text) => (await import('./apparmor-policy.ts')).loadProfiles(booted().machine, text),
  policy: async (question) => (await import('./policy.ts')).askPolicy(booted().machine, question),
  loadedPolicy: async (module) => (await import('./policy-texts.ts')).loadedPolicy(booted().machine, module),
  checkPolicy: async (module, texts) => (await import('./policy-texts.ts')).checkPolicy(module, texts),
  loadPolicy: async (module, texts) => (await import('./policy-texts.ts')).loadPolicy(booted().machine, module, texts),
  async beginTrial(module, texts) {
    const { beginTrial } = await import('./policy-trial.ts')
    const begun = await beginTrial(booted().machine, module, texts, await toolBytes())
    trial = 'fault' in begun ? null : begun
    return 'fault' in begun ? begun.fault : null
  },
  tryLine: async (line, user) =>
    trial === null ? null : (await import('./policy-trial.ts')).tryLine(trial, line, user),
  moduleParts: async () => (await import('./module-parts.ts')).moduleParts(booted().machine),
  writeSetting: (path, text) => writeSetting(booted().machine, path, text),
  scenario: async (text) => (await import('./scenarios.ts')).playScenario(text),
  check: async (text) => (await import('./scenarios.ts')).checkScenario(text),
  async flood(decisions) {
    const { flood } = await import('./flood.ts')
    return flood(booted().machine, decisions, send)
  },
}

self.addEventListener<Request>('message', ({ data: { id, method, args } }) => {
  const call = calls[method] as (...args: readonly unknown[]) => unknown
  void (async () => call(...args))().then(
    (value) => tell({ id, value }),
    (error: Error & { hint?: string | null, summary?: string }) =>
      tell({ id, error: error.summary ?? error.message, hint: error.hint ?? null }),
  )
})
