/** Objects of BPF on the running machine: on and off while programs run, or refused with the verifier's words. */
import { BpfError, BpfLoadError } from '@lsmkit/bpf'
import type { LoadedObject, MapContents } from '@lsmkit/bpf'
import { LsmkitError } from '@lsmkit/core'
import type { Machine } from './machine.ts'
import type { Attached, ObjectReport, RefusalLine } from './protocol.ts'

export class AttachedObjects {
  readonly #machine: Machine
  readonly #held = new Map<number, { readonly loaded: LoadedObject; readonly name: string; bytes: Uint8Array }>()
  #last = 0

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All programs of an object, or none of it. Loads as process 1: a visitor may not. */
  attach(name: string, bytes: Uint8Array): Attached {
    const { made, stack, kernel } = this.#machine
    const bpf = made.bpf!
    const { task } = stack.current
    stack.current.task = kernel.init
    try {
      const loaded = bpf.load(stack, bytes, { name, logLevel: 1 })
      try {
        loaded.attachAll()
      } catch (error) {
        loaded.unload()
        throw error
      }
      this.#held.set(++this.#last, { loaded, name, bytes })
      return { ok: true, object: reportOf(this.#last, name, loaded) }
    } catch (error) {
      if (error instanceof BpfLoadError) return { ok: false, message: error.message, lines: refusalLines(error.log) }
      if (error instanceof BpfError || error instanceof LsmkitError) {
        return { ok: false, message: error.message, lines: [] }
      }
      throw error
    } finally {
      stack.current.task = task
    }
  }

  contents(id: number): readonly MapContents[] {
    return this.#held.get(id)?.loaded.contents({ most: 100 }) ?? []
  }

  detach(id: number): void {
    this.#held.get(id)?.loaded.unload()
    this.#held.delete(id)
  }

  /** Put on another machine too, in the same order. */
  copyTo(other: AttachedObjects): void {
    for (const { name, bytes } of this.#held.values()) other.attach(name, bytes)
  }
}

const reportOf = (id: number, name: string, { programs }: LoadedObject): ObjectReport => ({
  id,
  name,
  programs: [...programs.values()].map((program) => ({
    name: program.name,
    hook: program.spec.attachTo ?? program.spec.section,
  })),
})

/** `; int x = *p; @ file.c:12` in front of the instructions that it became. */
export const refusalLines = (log: string): RefusalLine[] => {
  const found: { source: string | null; log: string[] }[] = []
  for (const line of log.split('\n')) {
    if (line === '') continue
    if (line.startsWith('; ')) found.push({ source: line.slice(2), log: [] })
    else if (found.length === 0) found.push({ source: null, log: [line] })
    else found.at(-1)!.log.push(line)
  }
  return found
}
