/** The programs of one machine and their links, as iterators show them: `struct bpf_prog` and `struct bpf_link`. */
import * as abi from '@lsmkit/abi'
import type { ProgramSpec } from '../object/bpf-object.ts'

/** `struct bpf_prog`. */
export interface ShownProgram {
  readonly id: number
  readonly type: number
  readonly expected_attach_type: number
  readonly name: string
  readonly sleepable: boolean
  readonly security: null
}

/** `struct bpf_link`. */
export interface ShownLink {
  readonly id: number
  readonly type: number
  readonly prog: ShownProgram
}

/** `BPF_LINK_TYPE_*` of a program's link. */
const linkType = ({ type, expectedAttachType }: ProgramSpec): number => {
  if (type === abi.BPF_PROG_TYPE_RAW_TRACEPOINT || type === abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE) {
    return abi.BPF_LINK_TYPE_RAW_TRACEPOINT
  }
  if (expectedAttachType === abi.BPF_LSM_CGROUP) return abi.BPF_LINK_TYPE_CGROUP
  return expectedAttachType === abi.BPF_TRACE_ITER ? abi.BPF_LINK_TYPE_ITER : abi.BPF_LINK_TYPE_TRACING
}

export class Roster {
  readonly #programs = new Map<object, ShownProgram>()
  readonly #links = new Map<{ readonly attached: boolean }, ShownLink>()
  #lastProgram = 0
  #lastLink = 0

  add(program: object, { type, expectedAttachType, name, sleepable }: ProgramSpec): void {
    this.#programs.set(program, {
      id: ++this.#lastProgram, type, expected_attach_type: expectedAttachType, name: name.slice(0, 15), sleepable,
      security: null,
    })
  }

  remove(program: object): void {
    this.#programs.delete(program)
  }

  link(link: { readonly attached: boolean }, program: object, spec: ProgramSpec): void {
    const prog = this.#programs.get(program)
    if (prog !== undefined) this.#links.set(link, { id: ++this.#lastLink, type: linkType(spec), prog })
  }

  programs(): readonly ShownProgram[] {
    return [...this.#programs.values()]
  }

  /** Those that are still attached. */
  links(): readonly ShownLink[] {
    for (const link of this.#links.keys()) if (!link.attached) this.#links.delete(link)
    return [...this.#links.values()]
  }
}
