/** perf_event_open(2) as C programs call it, and the recorder's attributes: its own clock, the kernel too. */
import { PERF_TYPE_SOFTWARE } from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

const NUMBERS = ['type', 'size', 'config', 'sample_period', 'sample_type', 'read_format'] as const
/** Bits of the real struct, numbers here. */
const FLAGS = [
  'disabled', 'inherit', 'pinned', 'exclusive', 'exclude_user', 'exclude_kernel', 'exclude_hv', 'freq', 'namespaces',
  'text_poke', 'enable_on_exec', 'remove_on_exec', 'sigtrap', 'inherit_thread', 'exclude_callchain_kernel',
] as const
const TAG = 'perf_event_attr'

export const PERF_HEADERS = `
struct ${TAG} { uint32_t type; uint32_t size; uint64_t config; uint64_t sample_period; uint64_t sample_type;
  uint64_t read_format; ${FLAGS.map((name) => `uint32_t ${name};`).join(' ')} };
`

/** The interpreter's functions answer numbers: `pe` fills a struct in. */
export const withPerf = (text: string): string =>
  text.replace(/struct perf_event_attr (\w+) = pe\(\)/g, `struct ${TAG} $1; pe(&$1)`)

export const perfCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => ({
  pe(at) {
    for (const name of [...NUMBERS, ...FLAGS]) m.set(at, TAG, name, 0)
    m.set(at, TAG, 'type', PERF_TYPE_SOFTWARE)
    return 0
  },
  atoi: (at) => Number.parseInt(m.text(at) ?? '', 10) || 0,
  perf_event_open(at, pid, cpu, group, flags) {
    const fields = [...NUMBERS, ...FLAGS].map((name) => [name, m.get(at, TAG, name)])
    return sys.perf_event_open(at === 0 ? null : Object.fromEntries(fields), pid, cpu, group, flags)
  },
})
