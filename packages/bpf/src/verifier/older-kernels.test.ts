/** Programs on which 5.10 to 6.12 do not agree: the releases that take each, and what the others say. */
import { expect, test } from 'vitest'
import type { KernelRelease } from '../kernels/releases.ts'
import { kernelReleases } from '../kernels/releases.ts'
import { outcome } from './testing/check.ts'

const judged = kernelReleases.slice(0, kernelReleases.indexOf('6.12') + 1)
const from = (first: KernelRelease): readonly KernelRelease[] => judged.slice(judged.indexOf(first))
const before = (end: KernelRelease): readonly KernelRelease[] => judged.slice(0, judged.indexOf(end))

const indexed = (index: string): string =>
  `${index}\nr1 = map[0]\n*(u64 *)(r10 -8) = 0\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem\n` +
    'if r0 == 0 goto out\nr0 += r6\nr0 = *(u8 *)(r0 +0)\nout:\nr0 = 0\nexit'
const random = (register: string): string => `call bpf_get_prandom_u32\n${register} = r0\n`

test.each([
  ['stack that was never written', 'socket', 'r0 = *(u64 *)(r10 -8)\nexit', from('6.6'),
    'invalid read from stack R10 off=-8 size=8'],
  ['a signed load', 'socket', '*(u64 *)(r10 -8) = 1\nr0 = *(s8 *)(r10 -8)\nexit', from('6.6'),
    'BPF_LDX uses reserved fields'],
  ['an atomic addition that gives the old value', 'socket',
    'r1 = 1\n*(u64 *)(r10 -8) = 0\nr1 = atomic64_fetch_add((u64 *)(r10 -8), r1)\nr0 = 0\nexit', from('5.15'),
    'BPF_STX uses reserved fields'],
  ['a hook that answers 1', 'lsm/file_open', 'r0 = 1\nexit', before('6.12'), 'should have been in [-4095, 0]'],
  ['a hook that takes no programs since', 'lsm/getprocattr', 'r0 = 0\nexit', before('6.12'), 'disabled hook'],
  ['sleep on path_unlink', 'lsm.s/path_unlink', 'r0 = 0\nexit', from('6.6'), 'bpf_lsm_path_unlink is not sleepable'],
  ['a loop entered by its middle', 'socket',
    'r0 = 0\ngoto pc+1\nagain:\nr0 += 1\nif r0 < 4 goto again\nexit', from('6.12'),
    'back-edge from insn 2 to 3'],
  ['a helper of 5.12', 'tc', 'call bpf_ktime_get_coarse_ns\nr0 = 0\nexit', from('5.15'), 'invalid func unknown#160'],
  ['a helper that was opened to all types', 'xdp', 'call bpf_get_current_pid_tgid\nr0 = 0\nexit', from('6.12'),
    'unknown func bpf_get_current_pid_tgid#14'],
  ['a constant stored into the context', 'tc', '*(u32 *)(r1 +8) = 1\nr0 = 0\nexit', from('6.6'),
    'BPF_ST stores into R1 ctx is not allowed'],
  ['half of a pointer argument', 'fentry/security_file_open', 'r0 = *(u32 *)(r1 +0)\nr0 = 0\nexit', before('6.6'),
    'size 4 must be 8'],
  ['bits of two unknown numbers joined', 'socket',
    indexed(`${random('r6')}r6 &= 3\n${random('r7')}r7 &= 4\nr6 |= r7`), from('6.12'), 'unbounded min value'],
  ['an unbounded number compared with a bounded one', 'socket',
    indexed(`${random('r7')}r7 &= 7\n${random('r6')}if r6 > r7 goto none\ngoto pc+1\nnone:\nr6 = 0`), from('6.12'),
    'unbounded min value'],
] as const)('%s in %s', (_, section, code, takers, text) => {
  const said = judged.map((kernel) => [kernel, outcome({ section, code, kernel })] as const)
  expect(said.filter(([, log]) => log === 'ok').map(([kernel]) => kernel)).toEqual(takers)
  for (const [, log] of said) if (log !== 'ok') expect(log).toContain(text)
})
