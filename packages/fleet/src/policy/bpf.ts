/** Objects of BPF: each program has to pass the verifier. */
import { openObject } from '@lsmkit/bpf/object'
import type { BpfObject } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import type { PolicyChange } from '@lsmkit/core'
import { FleetError } from '../fleet-error.ts'
import type { CompiledPolicy, Excess, PartFiles, PolicyKind, Proof } from './kind.ts'
import { reading } from './kind.ts'

export interface CompiledBpf extends CompiledPolicy {
  readonly kind: 'bpf'
  /** By path. */
  readonly files: PartFiles
  readonly objects: ReadonlyMap<string, BpfObject>
}

const opened = (path: string, bytes: Uint8Array): BpfObject => {
  const kernelBtf = vmlinuxBtf()
  const object = reading(path, () => openObject(bytes, { name: path.slice('bpf/'.length), kernelBtf }))
  for (const program of object.programs) {
    const { ok, log } = reading(path, () => verify(program, { object, kernelBtf }))
    if (ok) continue
    const reason = log.trimEnd().split('\n').at(-1) ?? 'it is refused'
    throw new FleetError('bad-policy', `the verifier refuses \`${program.name}\`: ${reason}`, { place: path })
  }
  return object
}

const compile = (files: PartFiles): CompiledBpf => ({
  kind: 'bpf', files,
  objects: new Map([...files].map(([path, bytes]) => [path, opened(path, bytes)])),
  answer: (_ask, place) => {
    throw new FleetError('bad-policy', 'a program of BPF answers no questions', { place, hint: 'a scenario' })
  },
})

const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0

/** What a program does is not compared: an object of the maximum has to be there as it is, and no other. */
const within = ({ files }: CompiledBpf, max: CompiledBpf): Proof => {
  const excess = (place: string, text: string): Excess => ({ kind: 'bpf', place, text })
  return {
    wider: [...max.files.keys()].filter((path) => !files.has(path))
      .map((path) => excess(path, 'the object is missing')),
    unproved: [...files].filter(([path, bytes]) => !isSame(max.files.get(path), bytes))
      .map(([path]) => excess(path, 'the programs of this object are not those of the maximum')),
  }
}

function* changes(before: CompiledBpf, after: CompiledBpf): Generator<PolicyChange> {
  const change = (subject: string, words: string): PolicyChange =>
    ({ effect: 'other', subject, words, because: [] })
  for (const [path, bytes] of after.files) {
    if (!before.files.has(path)) yield change(path, 'the object is new')
    else if (!isSame(before.files.get(path), bytes)) yield change(path, 'the object has other programs')
  }
  for (const path of before.files.keys()) if (!after.files.has(path)) yield change(path, 'the object is gone')
}

export const bpfKind: PolicyKind<CompiledBpf> = { compile, changes, within }
