/** Random questions to a policy's profiles: where the automata lead, words of the language, forms of the file. */
import { DFA_START } from '@lsmkit/apparmor/dfa'
import {
  AA_CLASS_DBUS, AA_CLASS_FILE, AA_CLASS_IO_URING, AA_CLASS_LABEL, AA_CLASS_MOUNT, AA_CLASS_NET, AA_CLASS_NS,
  AA_CLASS_POSIX_MQUEUE, AA_CLASS_SIGNAL, nameBytes,
} from '@lsmkit/apparmor/policydb'
import type { Pdb, PolicyBinary, Profile } from '@lsmkit/apparmor/policydb'
import { Words } from '../apparmor-compile/words.ts'
import { Walker } from './walk.ts'

export interface Question {
  /** The name that is asked for; null where `bytes` are all that is written. */
  readonly label: Uint8Array | null
  readonly bytes: Uint8Array
  /** The asking task owns what it asks for. */
  readonly owner: boolean
}

const CLASSES = [
  AA_CLASS_NET, AA_CLASS_MOUNT, AA_CLASS_SIGNAL, AA_CLASS_LABEL, AA_CLASS_NS, AA_CLASS_IO_URING, AA_CLASS_DBUS,
  AA_CLASS_POSIX_MQUEUE,
] as const
/** The longest string that is walked. */
const LONGEST = 40

const encoder = new TextEncoder()

interface Asked {
  readonly names: readonly string[]
  readonly file: { readonly walker: Walker; readonly start: number } | null
  readonly rules: { readonly walker: Walker; readonly start: number } | null
}

const walkable = ({ dfa, start, dfaStart }: Pdb, isFile: boolean): Asked['file'] =>
  dfa === null ? null : { walker: new Walker(dfa), start: (isFile ? dfaStart : start) ?? DFA_START }

const askedOf = (profile: Profile, namespace: string | null): Asked => {
  const within = profile.namespace ?? namespace
  const whole = within === null ? profile.name : `:${within}:${profile.name}`
  return {
    names: [whole],
    file: walkable(profile.file, true),
    rules: profile.policydb === null ? null : walkable(profile.policydb, false),
  }
}

class Asker {
  readonly #words: Words
  readonly #asked: readonly Asked[]
  readonly #names: readonly string[]

  constructor(policy: PolicyBinary, seed: number) {
    this.#words = new Words(seed)
    this.#asked = policy.profiles.map((profile) => askedOf(profile, policy.namespace))
    this.#names = this.#asked.flatMap(({ names }) => names)
  }

  ask(): Question {
    const words = this.#words
    const asked = words.one(this.#asked)
    const label = words.rarely(30) ? this.#oddName() : asked.names[0]!
    const owner = !words.rarely(3)
    if (words.rarely(60)) return { label: null, bytes: this.#form(label), owner }
    return { label: nameBytes(label), bytes: Uint8Array.from(this.#text(asked)), owner }
  }

  /** Stacks of profiles and spellings that may be no label. */
  #oddName(): string {
    const words = this.#words
    const name = words.one(this.#names)
    return words.one([
      `${name}//&${words.one(this.#names)}`, `${name}//&unconfined`, 'unconfined', ` ${name}`, `${name} `, `${name}//`,
      `${name}//&`, `//&${name}`, `:ns:${name}`, `:ns://${name}`, ':ns:', ':ns://unconfined', `:${name}`, 'unconf', '',
      `${name}//kid`, `${name}//&:ns:unconfined`, `:no:${name}`, `${name}//&${name}`, `${name}//hat1//&${name}`, '::',
    ])
  }

  /** The forms that the file takes, and some that it refuses. */
  #form(label: string): Uint8Array {
    const words = this.#words
    const ask = `${words.one(['label', 'profile', 'labelall', 'labels', 'data', 'label ', ''])}\0`
    const rest = words.one([
      `${label}\0`, label, '', `${label}\0\x02${words.path()}`, `${label}\0\0`, `\0${label}`, `${label}\0key\0`,
      `${label}\0\x02${'/long'.repeat(words.one([700, 811, 815, 820, 900]))}`,
    ])
    return nameBytes(ask + rest)
  }

  #text(asked: Asked): readonly number[] {
    const words = this.#words
    if (words.rarely(40)) return []
    const spoil = words.rarely(12)
    const bytes = words.pick(5) < 3 ? this.#file(asked) : this.#class(asked)
    if (!spoil) return bytes
    return words.rarely(2) ? bytes.slice(0, 1 + words.pick(bytes.length)) : [...bytes, words.pick(256)]
  }

  #file({ file, rules }: Asked): number[] {
    const words = this.#words
    if (words.rarely(4)) return [AA_CLASS_FILE, ...encoder.encode(words.path().replaceAll('"', ''))]
    const { walker, start } = file ?? rules ?? { walker: null, start: 0 }
    if (walker === null) return [AA_CLASS_FILE, ...encoder.encode(words.path())]
    const from = file === null ? walker.after(start, [AA_CLASS_FILE]) : start
    return [AA_CLASS_FILE, ...walker.walk(from, 1 + words.pick(LONGEST), words.pick)]
  }

  #class({ rules }: Asked): number[] {
    const words = this.#words
    const byte = words.rarely(10) ? words.pick(256) : words.one(CLASSES)
    if (words.rarely(6) || rules === null) return [byte, ...encoder.encode(words.label())]
    const from = rules.walker.after(rules.start, [byte])
    return [byte, ...rules.walker.walk(from, words.pick(LONGEST), words.pick)]
  }
}

/** Questions to a policy, the same for a seed everywhere. */
export const questionsTo = (policy: PolicyBinary, seed: number, count: number): Question[] => {
  const asker = new Asker(policy, seed)
  return Array.from({ length: count }, () => asker.ask())
}
