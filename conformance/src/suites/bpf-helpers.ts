/** Which kinds of programs may call which helper, by kernel release: the verifier beside five kernels. */
import { decodeCode } from '@lsmkit/bpf/insn'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { releaseOf } from '../bpf/release.ts'
import { kinds } from '../../record/bpf-helpers/kinds.ts'
import type { Kind } from '../../record/bpf-helpers/kinds.ts'
import type { Row, Suite } from '../suite.ts'
import { played } from '../suite.ts'

const HEADER = 'kernel\tprograms\thelpers'
const HELPERS = 212

/** `call HELPER; r0 = 0; exit`. */
const codeOf = (helper: number): Uint8Array => {
  const bytes = new Uint8Array(24)
  bytes[0] = 0x85
  new DataView(bytes.buffer).setInt32(4, helper, true)
  bytes[8] = 0xb7
  bytes[16] = 0x95
  return bytes
}

const programOf = ({ type, attach, target, sleepable = false }: Kind, helper: number): ProgramSpec => ({
  name: 'asks', section: 'asks', type, expectedAttachType: attach, sleepable, flags: 0, attachTo: target?.[1] ?? null,
  attachBtfId: target === undefined ? 0 : vmlinuxBtf().find(target[1], target[0]), autoload: true,
  code: decodeCode(codeOf(helper)), subprograms: [{ name: '', start: 0, typeId: 0, isGlobal: false }], lines: [],
  tags: [], poisoned: new Map(), broken: null,
})

const mayCall = (kernel: KernelRelease, kind: Kind, helper: number): boolean => {
  const program = programOf(kind, helper)
  const object: BpfObject = { name: 'asks', license: 'GPL', maps: [], programs: [program], btf: null, externs: [] }
  const { log } = verify(program, { object, kernelBtf: vmlinuxBtf(), kernel })
  return !/unknown func|cannot use helper|invalid func/.test(log)
}

const everyHelper = Array.from({ length: HELPERS - 1 }, (_, at) => at + 1)

/** `1-3 7` as numbers. */
const numbersOf = (text: string): number[] => text.split(' ').flatMap((run) => {
  const [from, to = from] = run.split('-').map(Number) as [number, number?]
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
})

const compare = (line: string, at: number): Row => {
  const [kernel, letter, helpers = ''] = line.split('\t') as [string, string, string?]
  const id = `${at + 1} ${kernel} ${letter}`
  const kind = kinds.find((one) => one.letter === letter)
  if (kind === undefined || !/^(\d+(-\d+)?( |$))+$/.test(helpers))
    return { id, expected: 'a kind of programs and helpers', got: 'a line that is neither' }
  const real = new Set(numbersOf(helpers))
  const differ = played(() => {
    const release = releaseOf({ kernel })
    const wrong = everyHelper.filter((helper) => mayCall(release, kind, helper) !== real.has(helper))
    return wrong.map((helper) => `${real.has(helper) ? '-' : '+'}${helper}`).join(' ')
  })
  return { id, expected: '', got: differ }
}

export const bpfHelpers: Suite = {
  *run(inputs) {
    for (const { text } of inputs) {
      for (const [at, line] of text.split('\n').entries())
        if (line !== '' && line !== HEADER && !line.startsWith('#')) yield compare(line, at)
    }
  },
}
