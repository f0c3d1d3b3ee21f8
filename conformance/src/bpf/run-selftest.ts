/** Runs a selftest program that was accepted, as BPF_PROG_TEST_RUN does, on maps of its own. */
import { ownValue } from '@lsmkit/abi'
import { BpfError } from '@lsmkit/bpf/btf'
import type { Btf } from '@lsmkit/bpf/btf'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import type { Aux } from '@lsmkit/bpf/verifier'
import { testRun, ProgramBuilder } from '@lsmkit/bpf/vm'

/**
 * Maps that the kernel's own loader fills before it runs programs of an object: `struct { u32 index; u32 foo[11] }`.
 */
const filled: Readonly<Record<string,
  string>> = { verifier_value_ptr_arith: 'map_array_48b', verifier_array_access: 'map_array_ro' }

const INDEX = 28
const FOO_6 = 0xabcdef12

/** The program's return value, 32 bits; or why it did not run. */
export const runSelftest = (
  objectName: string, object: BpfObject, program: ProgramSpec, kernelBtf: Btf, aux: Aux,
): number | string => {
  const programBuilder = new ProgramBuilder({ memory: { readOnly: 8 << 20, data: 64 << 20 } })
  try {
    const opened = programBuilder.open(object, kernelBtf, undefined, true)
    const at = object.maps.findIndex(({ symbol }) => symbol === ownValue(filled, objectName))
    const map = opened.maps[at]
    if (map !== undefined && 'values' in map) {
      const { view } = programBuilder.machine.memory
      const values = map.values as number
      view.setUint32(values, INDEX, true)
      view.setUint32(values + 4 + 6 * 4, FOO_6, true)
    }
    const { retval, fault, refusedSlots } =
      testRun(programBuilder, opened, program, {}, { probes: aux.probes, exceptionCallback: aux.exceptionCallback })
    const [slot] = refusedSlots
    if (slot !== undefined) return `slot ${slot.index} of ${slot.map} refuses ${slot.program}: ${slot.reason}`
    return fault === null ? retval : `fault: ${fault.message}`
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    return error.message
  }
}
