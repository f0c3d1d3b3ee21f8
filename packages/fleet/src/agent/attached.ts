/** A stack under the policies of a fleet: they are loaded between two calls, all of them or none. */
import { EACCES } from '@lsmkit/abi'
import type { PolicyStore } from '@lsmkit/apparmor/query'
import type { BpfLsm, LoadedObject } from '@lsmkit/bpf'
import type { Beside, Link, Stack, WouldDenyRecord } from '@lsmkit/core'
import { aBoolean, aString, instanceOf, objectWith } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { RulesetOptions } from '@lsmkit/landlock/plan'
import type { SelinuxLsm } from '@lsmkit/selinux'
import type { Policy as SmackPolicy } from '@lsmkit/smack/engine'
import { countedHooks } from './decisions.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'
import type { PartFiles } from '../policy/kind.ts'
import type { CompiledApparmor } from '../policy/apparmor.ts'

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
  /** Every task of the stack is within the ruleset of the bundle. Unless true, rulesets are for `apply`. */
  readonly landlock?: boolean
  /** The name of the stack in decisions. Default `stack`. */
  readonly name?: string
}

export const handleRules: OptionRules<StackHandles> = {
  selinux: objectWith('load', 'an LSM of selinux(…)'), smack: instanceOf(Object),
  apparmor: objectWith('load', 'a PolicyStore'), bpf: objectWith('load', 'an LSM of bpf(…)'),
  landlock: aBoolean, name: aString,
}

/** In the order in which they are loaded. SELinux is the last one, because its first policy cannot be taken off. */
const loadable = ['smack', 'apparmor', 'bpf', 'landlock', 'selinux'] as const
type Loadable = (typeof loadable)[number]

const ALL = 0xffff

const isSame = (files: PartFiles = new Map(), others: PartFiles = new Map()): boolean =>
  files.size === others.size && [...files].every(([path, bytes]) => {
    const other = others.get(path)
    return other !== undefined && Buffer.compare(other, bytes) === 0
  })

type SmackRule = readonly [subject: string, object: string, modes: number]

const rulesOf = ({ labels, rules }: SmackPolicy): readonly SmackRule[] => {
  const all: SmackRule[] = []
  rules.each((subject, object, modes) => void all.push([labels.text(subject), labels.text(object), modes]))
  return all
}

/** Each rule is set to what the next rules say; one that they do not have grants nothing any more. */
const loadSmack = (policy: SmackPolicy, next: readonly SmackRule[]): void => {
  const { labels, rules } = policy
  const cleared = rulesOf(policy).map(([subject, object]): SmackRule => [subject, object, 0])
  for (const [from, to, modes] of [...cleared, ...next]) {
    const [subject, object] = [labels.import(from), labels.import(to)]
    if (subject < 0 || object < 0) throw new Error('there is no room for more labels')
    if (rules.change(subject, object, modes, ALL & ~modes) !== 0) throw new Error('there is no room for more rules')
  }
}

/** Profiles that only the old bundle has. */
const goneProfiles = (next?: CompiledApparmor, old?: CompiledApparmor): readonly string[] => {
  const names = new Set(next?.policy.profiles.map(({ name }) => name))
  return (old?.policy.profiles ?? []).map(({ name }) => name).filter((name) => !names.has(name))
}

/** Profiles of the old policy that the next one lacks are taken away. */
const loadApparmor = (store: PolicyStore, next?: CompiledApparmor, old?: CompiledApparmor): void => {
  if (next !== undefined) {
    const rc = store.load(next.binary, true)
    if (rc !== 0) throw new Error(`the profiles are refused: ${rc}`)
  }
  for (const name of goneProfiles(next, old)) store.remove(name)
}

/** Takes each call that would be refused. */
export type WouldDeny = (record: WouldDenyRecord) => void

export class AttachedStack {
  readonly #stack: Stack
  readonly #handles: StackHandles
  readonly #wouldDeny: WouldDeny
  readonly #kinds: readonly Loadable[]
  #beside: Beside | null = null
  /** The policies that are asked beside those that hold. */
  #asked: Compiled | null = null
  /** Of the ruleset of Landlock that holds. */
  #layer: Beside | null = null
  /** The rules of Smack when the stack was attached. */
  readonly #ownRules: readonly SmackRule[]
  #objects: readonly LoadedObject[] = []
  #objectFiles: PartFiles | undefined
  #now: Compiled = {}
  #guard: readonly Link[] = []

  constructor(stack: Stack, handles: StackHandles, wouldDeny: WouldDeny) {
    this.#stack = stack
    this.#wouldDeny = wouldDeny
    this.#handles = handles
    this.#kinds = loadable.filter((name) => name !== 'landlock' || handles.landlock === true)
    this.#ownRules = handles.smack === undefined ? [] : rulesOf(handles.smack)
  }

  /**
   * Throws FleetError `needs` for a policy whose module is not here, and for a module that would lose its policy.
   * `isBack`: the host is brought back to an earlier bundle, so modules may lose a policy that came later.
   */
  check(compiled: Compiled, isBack: boolean): void {
    for (const name of this.#kinds) {
      if (compiled[name] === undefined) {
        this.#checkLoss(name, isBack)
        continue
      }
      if (!this.#stack.names.includes(name)) {
        throw new FleetError('needs', `the bundle has a policy for \`${name}\`, and the stack has no such module`)
      }
      if (this.#handles[name] !== undefined) continue
      throw new FleetError('needs', `the bundle has a policy for \`${name}\`, which cannot be given to the stack`, {
        hint: `agent.attach(stack, { ${name} })`,
      })
    }
  }

  /** Programs of BPF may always go. */
  #checkLoss(name: Loadable, isBack: boolean): void {
    if (name === 'bpf' || this.#now[name] === undefined) return
    if (isBack && name !== 'selinux') return
    const loss = `the bundle has no policy for \`${name}\`, which has one now`
    throw new FleetError('needs', isBack ? `${loss}: SELinux cannot be without its policy again` : loss, {
      hint: `a bundle with a policy for \`${name}\``,
    })
  }

  /** Loads all policies without a pause. Throws FleetError `not-applied`, and those of before are loaded again. */
  swap(compiled: Compiled): void {
    const before = this.#now
    const begun: Loadable[] = []
    try {
      for (const name of this.#kinds) {
        begun.push(name)
        this.#load(name, compiled, before)
      }
      this.#now = compiled
    } catch (error) {
      for (const name of begun) this.#load(name, before, compiled)
      throw new FleetError('not-applied', `the stack has not taken the policy: ${reasonOf(error)}`, { cause: error })
    }
  }

  /** A policy that only the old bundle has is taken off; that of SELinux stays. */
  #load(name: Loadable, next: Compiled, old: Compiled): void {
    const { selinux, smack, apparmor, bpf } = this.#handles
    if (next[name] === undefined && old[name] === undefined) return
    if (name === 'selinux' && next.selinux !== undefined) selinux?.load(next.selinux.binary)
    if (name === 'smack' && smack !== undefined) {
      loadSmack(smack, next.smack === undefined ? this.#ownRules : rulesOf(next.smack.policy))
    }
    if (name === 'apparmor' && apparmor !== undefined) loadApparmor(apparmor, next.apparmor, old.apparmor)
    if (name === 'bpf' && bpf !== undefined) this.#loadObjects(bpf, next.bpf?.files)
    if (name === 'landlock') this.#loadRuleset(next.landlock?.options)
  }

  #loadRuleset(options: RulesetOptions | undefined): void {
    const layer = options === undefined ? null : this.#stack.inFront()
    layer?.ask('landlock', options)
    this.#layer?.end()
    this.#layer = layer
  }

  /** New programs are there before the old ones go. */
  #loadObjects(bpf: Pick<BpfLsm, 'load'>, files: PartFiles | undefined): void {
    // programs that stay the same keep what is in their maps
    if (isSame(files, this.#objectFiles)) return
    const made: LoadedObject[] = []
    try {
      for (const bytes of files?.values() ?? []) {
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
    this.#objectFiles = files
    for (const object of old) object.unload()
  }

  /**
   * Asks the policies of a bundle beside those that hold; null: nothing is asked any more. Throws FleetError
   * `not-applied`, and then nothing is asked.
   */
  compare(compiled: Compiled | null): void {
    if (compiled === this.#asked) return
    this.#beside?.end()
    this.#beside = null
    this.#asked = null
    if (compiled === null) return
    const beside = this.#stack.beside(this.#wouldDeny)
    for (const name of this.#kinds) {
      const policy = this.#question(name, compiled)
      if (policy === null) continue
      try {
        beside.ask(name, policy)
      } catch (error) {
        const message = `the policy for \`${name}\` cannot be asked: ${reasonOf(error)}`
        throw new FleetError('not-applied', message, { cause: error })
      }
    }
    this.#beside = beside
    this.#asked = compiled
  }

  /** The policy in the form in which a module of that name is asked about it; null where there is nothing to ask. */
  #question(name: Loadable, { selinux, smack, apparmor, bpf, landlock }: Compiled): unknown {
    switch (name) {
      case 'selinux': return selinux?.binary ?? null
      case 'smack': return smack?.policy ?? null
      case 'apparmor': return apparmor === undefined ? null
        : { load: apparmor.binary, remove: goneProfiles(apparmor, this.#now.apparmor) }
      // programs that stay the same answer the same
      case 'bpf': return bpf === undefined || isSame(bpf.files, this.#objectFiles) ? null : [...bpf.files.values()]
      case 'landlock': return landlock?.options ?? null
    }
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
