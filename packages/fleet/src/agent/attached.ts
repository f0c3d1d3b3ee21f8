/** A stack under the policies of a fleet: they are loaded between two calls, all of them or none. */
import { EACCES } from '@lsmkit/abi'
import type { PolicyStore } from '@lsmkit/apparmor/query'
import type { BpfLsm, LoadedObject } from '@lsmkit/bpf'
import type { Link, Stack } from '@lsmkit/core'
import { aString, instanceOf, objectWith } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { SelinuxLsm } from '@lsmkit/selinux'
import type { Policy as SmackPolicy } from '@lsmkit/smack/engine'
import { countedHooks } from './decisions.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'
import type { PartFiles } from '../policy/kind.ts'
import type { CompiledApparmor } from '../policy/apparmor.ts'
import type { CompiledSmack } from '../policy/smack.ts'

/** The parts of a stack that take a policy while it runs: what you gave to the modules, or got from them. */
export interface StackHandles {
  /** Of `selinux(…)`. */
  readonly selinux?: Pick<SelinuxLsm, 'load'>
  /** `smack({ policy })`. Its rules are the fleet's alone. */
  readonly smack?: SmackPolicy
  /** `apparmor({ policy })`. */
  readonly apparmor?: PolicyStore
  /** Of `bpf(…)`. */
  readonly bpf?: Pick<BpfLsm, 'load'>
  /** The name of the stack in decisions. Default `stack`. */
  readonly name?: string
}

export const handleRules: OptionRules<StackHandles> = {
  selinux: objectWith('load', 'an LSM of selinux(…)'), smack: instanceOf(Object),
  apparmor: objectWith('load', 'a PolicyStore'), bpf: objectWith('load', 'an LSM of bpf(…)'),
  name: aString,
}

const loadable = ['selinux', 'smack', 'apparmor', 'bpf'] as const
type Loadable = (typeof loadable)[number]

const ALL = 0xffff

const isSame = (files: PartFiles = new Map(), others: PartFiles = new Map()): boolean =>
  files.size === others.size && [...files].every(([path, bytes]) => {
    const other = others.get(path)
    return other !== undefined && Buffer.compare(other, bytes) === 0
  })

/** Each rule is set to what the next policy says; one that it does not have grants nothing any more. */
const loadSmack = ({ labels, rules }: SmackPolicy, { policy: next }: CompiledSmack): void => {
  const wanted: [subject: string, object: string, modes: number][] = []
  rules.each((subject, object) => void wanted.push([labels.text(subject), labels.text(object), 0]))
  next.rules.each((subject, object, modes) =>
    void wanted.push([next.labels.text(subject), next.labels.text(object), modes]))
  for (const [from, to, modes] of wanted) {
    const [subject, object] = [labels.import(from), labels.import(to)]
    if (subject < 0 || object < 0) throw new Error('there is no room for more labels')
    if (rules.change(subject, object, modes, ALL & ~modes) !== 0) throw new Error('there is no room for more rules')
  }
}

const loadApparmor = (store: PolicyStore, { binary, policy }: CompiledApparmor, old: CompiledApparmor | null): void => {
  const rc = store.load(binary, true)
  if (rc !== 0) throw new Error(`the profiles are refused: ${rc}`)
  const names = new Set(policy.profiles.map(({ name }) => name))
  for (const { name } of old?.policy.profiles ?? []) if (!names.has(name)) store.remove(name)
}

export class AttachedStack {
  readonly #stack: Stack
  readonly #handles: StackHandles
  #objects: readonly LoadedObject[] = []
  #now: Compiled | null = null
  #guard: readonly Link[] = []

  constructor(stack: Stack, handles: StackHandles) {
    this.#stack = stack
    this.#handles = handles
  }

  /** Throws FleetError `needs` for a policy whose module is not here. */
  check(compiled: Compiled): void {
    for (const name of loadable) {
      if (compiled[name] === undefined) continue
      if (!this.#stack.names.includes(name)) {
        throw new FleetError('needs', `the bundle has a policy for \`${name}\`, and the stack has no such module`)
      }
      if (this.#handles[name] !== undefined) continue
      throw new FleetError('needs', `the bundle has a policy for \`${name}\`, which cannot be given to the stack`, {
        hint: `agent.attach(stack, { ${name} })`,
      })
    }
  }

  /** Loads all policies without a pause. Throws FleetError `not-applied`, and those of before are loaded again. */
  swap(compiled: Compiled): void {
    const before = this.#now
    const done: Loadable[] = []
    try {
      for (const name of loadable) {
        this.#load(name, compiled)
        done.push(name)
      }
      this.#now = compiled
    } catch (error) {
      if (before !== null) for (const name of done) this.#load(name, before)
      throw new FleetError('not-applied', `the stack has not taken the policy: ${reasonOf(error)}`, { cause: error })
    }
  }

  #load(name: Loadable, compiled: Compiled): void {
    const { selinux, smack, apparmor, bpf } = this.#handles
    if (name === 'selinux' && compiled.selinux !== undefined) selinux?.load(compiled.selinux.binary)
    if (name === 'smack' && compiled.smack !== undefined && smack !== undefined) loadSmack(smack, compiled.smack)
    if (name === 'apparmor' && compiled.apparmor !== undefined && apparmor !== undefined) {
      loadApparmor(apparmor, compiled.apparmor, this.#now?.apparmor ?? null)
    }
    if (name === 'bpf' && bpf !== undefined) this.#loadObjects(bpf, compiled)
  }

  /** New programs are there before the old ones go. */
  #loadObjects(bpf: Pick<BpfLsm, 'load'>, { bpf: policy }: Compiled): void {
    // programs that stay the same keep what is in their maps
    if (isSame(policy?.files, this.#now?.bpf?.files)) return
    const made: LoadedObject[] = []
    try {
      for (const bytes of policy?.files.values() ?? []) {
        const object = bpf.load(this.#stack, bytes)
        made.push(object)
        object.attachAll()
      }
    } catch (error) {
      for (const object of made) object.unload()
      throw error
    }
    const old = this.#objects
    this.#objects = made
    for (const object of old) object.unload()
  }

  /** Refuses all that a task might begin, or no longer does. */
  deny(isDenied: boolean): void {
    if (isDenied === this.#guard.length > 0) return
    if (isDenied) this.#guard = countedHooks.map((hook) => this.#stack.attach(hook, () => -EACCES))
    else {
      for (const link of this.#guard) link.detach()
      this.#guard = []
    }
  }
}
