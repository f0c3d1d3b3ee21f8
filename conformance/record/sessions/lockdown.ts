/** Lockdown: writes to its file, and everything that asks it and can be asked on both kernels. A session is a boot. */
import { hex, randomFrom, spoiled } from './random.ts'
import type { Random } from './random.ts'

const FILE = '/sys/kernel/security/lockdown'
const LENGTHS = [32, 4095, 4096, 4097, 65536, 4194303, 4194304]
const TRACING = ['trace', 'tracing_on', 'current_tracer', 'trace_marker']
const WORDS = ['none', 'integrity', 'confidentiality', 'none\n', 'integrity\n', 'confidentiality\n', '[none]', '', '\n']

/** Three phases of equal length: the level rises in between, half of the time to the highest at once. */
export function* generateLockdown(seed: number, count: number): Generator<string> {
  const random = randomFrom(seed)
  const { below, pick } = random
  yield `session ${seed}`
  yield `0 mkfile /tmp/kernel ${hex(bzImage())}`
  const rises = below(2) === 0 ? ['integrity', 'confidentiality'] : ['confidentiality', 'integrity']
  for (let phase = 0; phase < 3; phase++) {
    for (let i = 0; i < count; i++) yield operation(random, phase)
    const word = rises[phase]
    if (word !== undefined) yield `0 write ${FILE} 1 ${hex(word + pick(['', '\n', '\0', '\0rest', '\n\0']))}`
  }
}

/** What has the header of a kernel and is none. */
const bzImage = (): string => {
  const bytes = new Uint8Array(1024)
  bytes.set([0x55, 0xaa], 0x1fe)
  bytes.set([0x48, 0x64, 0x72, 0x53, 0x0f, 0x02], 0x202)
  bytes[0x211] = 1
  bytes[0x236] = 0x7f
  return String.fromCharCode(...bytes)
}

/** In phase 0 a write must not raise the level by chance before it is meant to. */
const operation = (random: Random, phase: number): string => {
  const { below, pick } = random
  const actor = below(6) === 0 ? 1 : 0
  const word = (): string => {
    const text = below(2) === 0 ? pick(WORDS) : spoiled(random, pick(WORDS))
    const raises = /^(?:integrity|confidentiality)\n?(?:\0|$)/.test(text)
    return phase === 0 && raises ? 'none' : text
  }
  const kinds: readonly (() => string)[] = [
    () => `${actor} write ${FILE} 1 ${hex(word())}`,
    () => `${actor} write ${FILE} 2 ${hex(word())}`,
    () => `0 pwrite ${FILE} 1 ${pick([0, 1, 9, 4096])} ${hex(word())}`,
    () => `0 twice ${FILE} 1 ${hex(word())} ${hex(word())}`,
    () => `0 long ${FILE} 1 ${hex('none\0')} ${pick(LENGTHS)} ${pick([0, 120])}`,
    () => `${actor} pread ${FILE} 0 ${pick([0, 0, 0, 1, 5, 33, 34, 35, 100])} ${pick([0, 1, 7, 34, 100])}`,
    () => `0 lseek ${FILE} 0 ${below(40)}`,
    () => `0 open /dev/mem ${pick(['0', '1', '2'])}`,
    () => `0 open /dev/port ${pick(['0', '2'])}`,
    () => '0 open /proc/kcore 0',
    () => `0 open /sys/kernel/debug/sched/verbose ${pick(['0', '1', '2'])}`,
    () => `0 chmod /sys/kernel/debug/sched/verbose ${pick(['644', '444', '400'])}`,
    () => `0 open /sys/kernel/tracing/${pick(TRACING)} ${pick(['0', '1'])}`,
    () => '0 write /sys/kernel/tracing/tracing_on 1 31',
    () => `${actor} ioperm ${pick([0, 128, 65535, 65536])} ${pick([0, 1, 8])} ${pick([0, 1, 1])}`,
    () => `2 iopl ${pick([0, 0, 3, 4, -1])}`,
    () => `${actor} kexec_load ${pick(['0', '0', '0x10', '1', '0x3e0000'])}`,
    () => `${actor} init_module ${pick([0, 10, 64, 100, 4096])}`,
    () => `0 finit /init 0 ${pick([0, 0, 1, 8])}`,
    () => `0 kexecfile /init 0 ${pick(['0', '4', '1', '0x10'])}`,
    // without lockdown the loader goes on to what only a real kernel has
    () => `0 kexecfile ${phase === 0 ? '/init' : '/tmp/kernel'} 0 ${pick(['0', '4'])}`,
    () => `${actor} perf ${pick(['regs', 'regs', 'plain'])}`,
  ]
  return pick(kinds)()
}
