/** Makes the lines of hook tables. The rules for BPF and the number of parameters are read from the text on demand. */
import type { AnyHookDef, BlobKind, BpfRules, HookDef, HookTraits } from './hook-types.ts'

const bpfRules = (ret: 'int' | 'void', text: string): BpfRules => {
  const [flags = '', ...notes] = text.split(' ')
  return {
    sleepable: flags.includes('s'),
    disabled: flags.includes('d'),
    returns: ret === 'void' ? 'any' : flags.includes('b') ? 'bool' : 'errno',
    notes,
  }
}

type Definable = Omit<HookTraits, 'bpf' | 'allocates'> & { readonly allocates?: BlobKind | null }

class Definition<Ret extends 'int' | 'void', Args extends unknown[], Entry extends unknown[]>
implements HookDef<Ret, Args, Entry> {
  readonly ret: Ret
  readonly params: string
  readonly default: number
  readonly positive: boolean
  readonly category: string
  readonly privateGuard: boolean
  readonly allocates: BlobKind | null
  readonly presets: boolean
  readonly bugOn: boolean
  readonly special: boolean
  #bpf: BpfRules | string

  constructor(ret: Ret, params: string, traits: Definable, bpf: BpfRules | string) {
    this.ret = ret
    this.params = params
    this.default = traits.default ?? 0
    this.positive = traits.positive ?? false
    this.category = traits.category
    this.privateGuard = traits.privateGuard ?? false
    this.allocates = traits.allocates ?? null
    this.presets = traits.presets ?? false
    this.bugOn = traits.bugOn ?? false
    this.special = traits.special ?? false
    this.#bpf = bpf
  }

  get nparams(): number {
    const { params } = this
    let count = params === '' ? 0 : 1
    for (let at = params.indexOf(','); at >= 0; at = params.indexOf(',', at + 1)) count++
    return count
  }

  get bpf(): BpfRules {
    if (typeof this.#bpf === 'string') this.#bpf = bpfRules(this.ret, this.#bpf)
    return this.#bpf
  }
}

const define =
  <Ret extends 'int' | 'void'>(ret: Ret) =>
    <Args extends unknown[], Entry extends unknown[] = Args>(
      params: string,
      traits: HookTraits,
    ): HookDef<Ret, Args, Entry> => new Definition<Ret, Args, Entry>(ret, params, traits, traits.bpf ?? '')

/** The same hook, of which BPF has other rules. */
export const withRules = <D extends AnyHookDef>(def: D, rules: Partial<BpfRules>): D =>
  new Definition(def.ret, def.params, def, { ...def.bpf, ...rules }) as AnyHookDef as D

/** A hook that answers with a number: 0, a positive result where the kernel knows one, or -errno. */
export const int = define('int')
/** A hook without an answer (`nil`: `void` is taken). */
export const nil = define('void')

/** A table that is made when it is first asked for: most processes have the hooks of 6.12 alone. */
export const madeOnce = <T extends object>(make: () => T): (() => T) => {
  let made: T | null = null
  return () => (made ??= make())
}
