/** One object judged for several kernel releases. */
import { EINVAL, errnoName } from '@lsmkit/abi'
import { aFunction, aString, checkOptions, listOf, nameOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Btf } from '../btf/btf.ts'
import type { BpfObject, ProgramSpec } from '../object/bpf-object.ts'
import { openObject } from '../object/open-object.ts'
import { sectionKind } from '../object/sections.ts'
import type { LoaderRights } from '../verifier/session.ts'
import type { Verdict } from '../verifier/verify.ts'
import { rightsRules, verify } from '../verifier/verify.ts'
import { vmlinuxBtf } from '../vmlinux/vmlinux.ts'
import { adviceOn } from './advice.ts'
import { hasHook } from './hooks.ts'
import { missingForMap } from './map-types.ts'
import { mapsOf } from './program-maps.ts'
import type { KernelRelease } from './releases.ts'
import { kernelReleases } from './releases.ts'

export interface VerifyOnOptions {
  /** Releases to judge for, in the order of the answers. */
  readonly kernels: readonly KernelRelease[]
  /** Types of a release's kernel; null, and without this option: what needs types is not judged. */
  readonly types?: (kernel: KernelRelease) => Btf | null
  /** File name of the object. */
  readonly name?: string
  /** Names of programs; all unless given. */
  readonly programs?: readonly string[]
  /** Rights of the loader; all unless given. */
  readonly rights?: LoaderRights
  /** Called after each verdict, with how many there are and will be. */
  readonly onVerdict?: (done: number, total: number) => void
  /** Changes an opened object as its loader would: sizes of maps, values of variables. */
  readonly prepare?: (object: BpfObject, types: Btf) => BpfObject
}

const rules: OptionRules<VerifyOnOptions> = {
  kernels: required(listOf(nameOf(kernelReleases, 'kernel release'))), types: aFunction, name: aString,
  programs: listOf(aString), rights: optionsOf(rightsRules), prepare: aFunction, onVerdict: aFunction,
}

export interface KernelVerdict {
  readonly kernel: KernelRelease
  /** `unknown`: the program needs types of that kernel, and there are none. */
  readonly verdict: 'accepted' | 'refused' | 'unknown'
  /** 0, or minus the errno of the load. */
  readonly errno: number
  /** Instructions walked. */
  readonly processed: number
  /** The line of the log that refuses, or why it is unknown; null when accepted. */
  readonly reason: string | null
  /** A sentence with the way out; null where no sentence helps. */
  readonly advice: string | null
  readonly log: string
}

export interface ProgramVerdicts {
  readonly name: string
  readonly section: string
  /** By release, in the order asked for. */
  readonly kernels: readonly KernelVerdict[]
}

const NO_TYPES = 'it needs the types of that kernel'
const NO_TYPES_ADVICE =
  'give its BTF: /sys/kernel/btf/vmlinux of a host that runs it, or an archive of BTFHub for a distribution\'s kernel'

/** Opens an object once for each set of types. */
class Opener {
  readonly #bytes: Uint8Array
  readonly #options: VerifyOnOptions
  readonly #opened = new Map<Btf | null, Map<string, BpfObject>>()

  constructor(bytes: Uint8Array, options: VerifyOnOptions) {
    this.#bytes = bytes
    this.#options = options
  }

  /** `kernel` counts where the object asks for LINUX_KERNEL_VERSION or other settings. */
  open(types: Btf | null, kernel: KernelRelease): BpfObject {
    const known = this.#opened.get(types) ?? new Map<string, BpfObject>()
    this.#opened.set(types, known)
    const first = known.values().next().value
    const asksKernel = first === undefined || first.externs.some(({ kind }) => kind === 'kconfig')
    if (!asksKernel) return first
    let object = known.get(kernel)
    if (object === undefined) known.set(kernel, (object = this.#read(types, kernel)))
    return object
  }

  #read(types: Btf | null, kernel: KernelRelease): BpfObject {
    const { name = 'object', prepare } = this.#options
    const object = openObject(this.#bytes, { name, kernelBtf: types, kernelVersion: `${kernel}.0` })
    return prepare === undefined || types === null ? object : prepare(object, types)
  }
}

const refusal = (kernel: KernelRelease, reason: string, advice: string | null = null): KernelVerdict =>
  ({ kernel, verdict: 'refused', errno: -EINVAL, processed: 0, reason, advice, log: `${reason}\n` })

const unknown = (kernel: KernelRelease, reason: string = NO_TYPES): KernelVerdict =>
  ({ kernel, verdict: 'unknown', errno: 0, processed: 0, reason, advice: NO_TYPES_ADVICE, log: '' })

/** The line that says why; the statistics behind it do not count. */
const reasonOf = ({ log, errno }: Verdict): string => {
  const lines = log.trimEnd().split('\n').filter((line) =>
    line !== '' && !/^(?:processed \d+ insns|stack depth|verification time|max_states|subprog \d)/.test(line))
  return lines.at(-1) ?? `${errnoName(errno)}, without a line in the log`
}

/** What a loader finds before it asks the verifier. */
const beforeVerifier = (kernel: KernelRelease, object: BpfObject, program: ProgramSpec): KernelVerdict | null => {
  if (program.broken !== null) return refusal(kernel, `not linked: ${program.broken}`)
  if (program.type === 0) return refusal(kernel, `no program type has a section \`${program.section}\``)
  for (const map of mapsOf(object, program)) {
    const missing = missingForMap(kernel, map)
    if (missing === null) continue
    return refusal(kernel, `map \`${map.name}\` cannot be created`, `${missing.name} came with Linux ${missing.linux}`)
  }
  const { section, attachTo } = program
  if (!section.startsWith('lsm') || attachTo === null || hasHook(kernel, attachTo)) return null
  const reason = `there is no hook \`${attachTo}\` to attach to`
  return refusal(kernel, reason, adviceOn(kernel, program, { at: -1 }, reason))
}

const asksTarget = ({ section, attachTo }: ProgramSpec): boolean =>
  attachTo !== null && (sectionKind(section)?.kind.btf ?? null) !== null

/** Types that hold no functions, as bpftool's min_core: what is attached to is looked up in the running kernel's. */
const areReduced = (types: Btf): boolean => types.ids('func').next().done === true

/** Whether the target can be looked up in the types, and is not there. */
const withoutTarget = (kernel: KernelRelease, program: ProgramSpec, types: Btf): KernelVerdict | null => {
  if (!asksTarget(program) || program.attachBtfId !== 0) return null
  if (areReduced(types)) return unknown(kernel, 'its target is not in these types, which hold no functions')
  return refusal(kernel, `the kernel's types have no \`${program.attachTo}\` to attach to`,
    'a function may be inlined or absent in some builds: do not load the program where it is missing')
}

const judge = (
  kernel: KernelRelease, object: BpfObject, program: ProgramSpec, types: Btf, rights: LoaderRights | undefined,
): KernelVerdict => {
  const early = beforeVerifier(kernel, object, program) ?? withoutTarget(kernel, program, types)
  if (early !== null) return early
  const verdict = verify(program, { object, kernelBtf: types, kernel, ...(rights === undefined ? {} : { rights }) })
  const { ok, errno, processed, log, at } = verdict
  if (ok) return { kernel, verdict: 'accepted', errno, processed, reason: null, advice: null, log }
  const reason = program.poisoned.get(at) ?? reasonOf(verdict)
  const advice = adviceOn(kernel, program, verdict, reason)
  return { kernel, verdict: 'refused', errno, processed, reason, advice, log }
}

/** Whether anything of the program is looked up in a kernel's types. Hooks are not: a table has them. */
const needsTypes = (bare: BpfObject, program: ProgramSpec): boolean => {
  const needsTarget = asksTarget(program) && !program.section.startsWith('lsm')
  return needsTarget || program.poisoned.size > 0 || bare.externs.some(({ kind }) => kind !== 'kconfig')
}

/**
 * Judges each program of an object for each release. Throws BpfError for a file that is not a BPF object, OptionError
 * for options, and never for what a program does.
 */
export const verifyOn = (bytes: Uint8Array, options: VerifyOnOptions): ProgramVerdicts[] => {
  checkOptions(options, rules, 'verifyOn')
  const { kernels, types = () => null, programs, rights, onVerdict } = options
  const opener = new Opener(bytes, options)
  const columns = kernels.map((kernel) => {
    const given = types(kernel)
    return { kernel, given, used: given ?? vmlinuxBtf(kernel), bare: given === null ? opener.open(null, kernel) : null }
  })
  const inColumn = ({ kernel, used, bare }: (typeof columns)[number], index: number): KernelVerdict => {
    const object = opener.open(used, kernel)
    const program = object.programs[index]!
    if (bare === null || !needsTypes(bare, bare.programs[index]!)) return judge(kernel, object, program, used, rights)
    return beforeVerifier(kernel, object, program) ?? unknown(kernel)
  }
  const first = columns[0] === undefined ? [] : opener.open(columns[0].used, columns[0].kernel).programs
  const chosen = [...first.entries()].filter(([, { name }]) => programs === undefined || programs.includes(name))
  let done = 0
  return chosen.map(([index, { name, section }]) => ({
    name, section,
    kernels: columns.map((column) => {
      const verdict = inColumn(column, index)
      onVerdict?.(++done, chosen.length * columns.length)
      return verdict
    }),
  }))
}
