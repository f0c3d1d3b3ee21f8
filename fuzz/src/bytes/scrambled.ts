/**
 * System calls whose arguments change meanwhile: the same calls are made in two worlds, and in one of them all that the
 * arguments lead to is changed when the first hook of the call is asked. They answer the same, and the hooks are shown
 * the same: whatever counts has been copied in by then.
 */
import { ownValue } from '@lsmkit/abi'
import { hookNames } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import type { Session } from '../frame/fuzzer.ts'
import { callsOf } from '../syscalls/calls.ts'
import type { Call } from '../syscalls/calls.ts'
import { confinements } from '../syscalls/stacks.ts'
import { bootWorld } from '../syscalls/world.ts'

/** One that takes long to boot is left out: it asks nothing of bytes that others do not. */
const names = Object.keys(confinements).filter((name) => name !== 'programs')

/** How deep memory lies in arguments: messages hold arrays of pieces. */
const DEPTH = 4

/**
 * Data that goes straight to where it stays, behind the hook, which is not shown it: by call, the arguments that are
 * left as they are.
 */
const LATE: Readonly<Record<string, readonly number[]>> = {
  write: [1], writev: [1], pwrite64: [1], pwritev: [1], pwritev2: [1], vmsplice: [1], sendto: [1],
  process_vm_writev: [2],
}

const isRef = (value: object): boolean => Object.keys(value).join() === 'value'

/** Changes all that `value` leads to; answers go into a Ref, which is left alone. */
const scramble = (value: unknown, depth = DEPTH): void => {
  if (typeof value !== 'object' || value === null || depth === 0) return
  if (value instanceof Uint8Array) {
    for (let i = 0; i < value.length; i++) value[i]! ^= 0x55
    return
  }
  if (isRef(value)) return
  const fields = value as Record<string, unknown>
  for (const [name, field] of Object.entries(fields)) {
    // data of a message, as of write(2)
    if (name === 'msg_iov') continue
    if (typeof field === 'number') fields[name] = field === 1 ? 0 : 1
    else if (typeof field === 'bigint') fields[name] = field ^ 1n
    else if (typeof field === 'string') fields[name] = 'scrambled'
    else scramble(field, depth - 1)
  }
}

/** What a hook is shown, as text: plain values, and those of plain objects. */
const shown = (value: unknown, depth = 3): string => {
  if (value instanceof Uint8Array) return `[${value.join()}]`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'function' : String(value)
  if (depth === 0) return '…'
  if (Array.isArray(value)) return `[${value.map((one) => shown(one, depth - 1)).join()}]`
  if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor?.name ?? 'object'
  return `{${Object.entries(value).map(([name, field]) => `${name}:${shown(field, depth - 1)}`).join()}}`
}

interface Told {
  readonly call: Call
  readonly rc: number
  /** Hooks and what they were shown. */
  readonly hooks: readonly string[]
}

/** Whether a walk gives up RCU depends on what is remembered of it. */
const NOT_COMPARED = new Set<string>(['inode_follow_link'])
/** The clock goes on. */
const NOT_ANSWERED = new Set(['time'])
const MOST_HOOKS = 200

/** Hears of the hooks of one call. */
class Watch {
  readonly #changes: boolean
  #args: readonly unknown[] | null = null
  #hooks: string[] = []

  /** `changes`: the arguments are changed when the first hook is asked. */
  constructor(stack: Stack, changes: boolean) {
    this.#changes = changes
    for (const hook of hookNames) stack.observe(hook, { entry: (...args: unknown[]) => this.#asked(hook, args) })
  }

  begin({ name, args }: Call): void {
    const late = ownValue(LATE, name) ?? []
    this.#args = args.filter((_, i) => !late.includes(i))
    this.#hooks = []
  }
  end(): readonly string[] {
    this.#args = null
    return this.#hooks
  }

  #asked(hook: string, args: readonly unknown[]): void {
    if (this.#args === null || NOT_COMPARED.has(hook) || this.#hooks.length === MOST_HOOKS) return
    this.#hooks.push(`${hook}(${args.map((arg) => shown(arg)).join()})`)
    if (this.#changes && this.#hooks.length === 1) scramble(this.#args)
  }
}

const make = (name: string, seed: number, changes: boolean, session: Session): Told[] => {
  const confinement = ownValue(confinements, name)!()
  const world = bootWorld(confinement, { seed, confined: seed % 2 === 0 })
  const watch = new Watch(confinement.stack, changes)
  const told: Told[] = []
  for (const call of callsOf(seed)) {
    const task = [...world.machine.tasks.threads()].find((one) => one !== world.init && one.exit_state === 0)
    if (task === undefined) break
    session.step()
    watch.begin(call)
    const rc = world.syscall(task, call.name, ...call.args)
    told.push({ call, rc, hooks: watch.end() })
    if (world.panics.length > 0) {
      session.found('crash', String(seed), `${name}: ${world.panics[0]!}`)
      break
    }
  }
  return told
}

/** What the second of two alike calls did otherwise; null for nothing. */
const otherwise = (one: Told, other: Told): string | null => {
  const { name } = one.call
  if (one.rc !== other.rc && !NOT_ANSWERED.has(name)) return `${name}: ${one.rc}, but ${other.rc}`
  const at = one.hooks.findIndex((hook, n) => hook !== other.hooks[n])
  return at < 0 ? null : `${name}: ${one.hooks[at]!}, but ${other.hooks[at]!}`
}

export const scrambled = (seed: number, session: Session): void => {
  const name = names[seed % names.length]!
  const plain = make(name, seed, false, session)
  const changed = make(name, seed, true, session)
  for (const [i, one] of plain.entries()) {
    const other = changed[i]
    const wrong = other === undefined ? 'it was not made' : otherwise(one, other)
    if (wrong !== null) return session.found('wrong-allow', String(seed), `${name}, call ${i}: ${wrong}`)
  }
}
