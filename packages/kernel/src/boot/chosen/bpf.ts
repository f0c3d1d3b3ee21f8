/** bpf(2) and /sys/fs/bpf, where the kernel is given an engine: `bootKernel({ bpf })`. */
import { createBpf } from '../../bpf/bpf.ts'
import { bpfSyscalls } from '../../syscalls/bpf.ts'
import type { Subsystem } from '../subsystem.ts'

export const bpf: Subsystem = {
  name: 'bpf',
  calls: [{ calls: bpfSyscalls }],
  setUp(machine, { bpf: engine }) {
    if (engine !== undefined) machine.bpf = createBpf(machine, engine)
  },
}
