/** The part of docs/fidelity.md about whole recordings: rows that a later kernel answered, few of which are kept. */

interface Recording {
  readonly kernel: '6.18.15' | '7.3.4'
  readonly what: string
  readonly rows: number
  /** Rows that lsmkit answered alike when it replayed the recording by the rules of that kernel. */
  readonly agreed: number
  /** Why the others differ, or where the recorder is. */
  readonly remark: string
}

const NATIVE = 'random policies of `@lsmkit/native`'
const SELINUXFS = 'three random policies, and Debian\'s'
const OPERATIONS = '`record/operations` says which differ: modules that are not loaded, events of performance and a ' +
  'first file system that are not there'
const TRACE = '6.12\'s operations; `conformance/record/hook-trace` lists those that differ, with the reason'
const HOOKS = '`record.sh hooks`: every hook, and the messages of those refused'
const LOCKDOWN = 'seeds 43001 to 43003, 200 operations at each level'
const EPOLL = 'seed 60000, 300 sessions'
const CALLS = 'calls of 150 sessions'

/** Each line is one replay of whole recordings; a new recording adds to its line. */
export const recordings: readonly Recording[] = [
  { kernel: '6.18.15', what: '`landlock-sessions`', rows: 246_896, agreed: 246_896,
    remark: 'seeds 41001, 41201, 41401, 41601, 41801, 42001, 42201, 42401, 42601, 42801, 200 sessions each' },
  { kernel: '7.3.4', what: '`landlock-sessions`', rows: 185_847, agreed: 185_847, remark: '-' },
  { kernel: '6.18.15', what: NATIVE, rows: 175_130, agreed: 175_130,
    remark: '`record.sh native`, 600 questions: seeds 5001 to 5060, and 30 from each of 10001, 10101, 10201, 10301' },
  { kernel: '7.3.4', what: NATIVE, rows: 258_201, agreed: 258_201,
    remark: '`record.sh native`, 600 questions: seeds 5001 to 5060, 7001 to 7050, and 30 from each of 12001, 12101, ' +
      '12201, 12301' },
  { kernel: '6.18.15', what: '`cgroup-sessions`', rows: 37_012, agreed: 37_012,
    remark: 'seeds 41001, 41201, 41401, 41601, 41801, 42001, 150 sessions each; session 41145 once more, since a ' +
      'group that it had removed was not yet freed when groups were counted' },
  { kernel: '7.3.4', what: '`cgroup-sessions`', rows: 32_969, agreed: 32_969, remark: '-' },
  { kernel: '6.18.15', what: '`epoll-sessions`', rows: 24_000, agreed: 24_000, remark: EPOLL },
  { kernel: '7.3.4', what: '`epoll-sessions`', rows: 24_000, agreed: 24_000, remark: EPOLL },
  { kernel: '6.18.15', what: '`overlay-sessions`', rows: 21_161, agreed: 21_161, remark: '-' },
  { kernel: '7.3.4', what: '`overlay-sessions`', rows: 23_799, agreed: 23_799, remark: '-' },
  { kernel: '7.3.4', what: '`posix-sessions`', rows: 6_000, agreed: 6_000, remark: CALLS },
  { kernel: '6.18.15', what: '`caps-exec`', rows: 20_520, agreed: 20_520, remark: 'seed 20520 of `record/caps`' },
  {
    kernel: '7.3.4', what: '`caps-exec`', rows: 22_520, agreed: 22_520,
    remark: 'seed 20520 of `record/caps`, 20,520 rows; before that 2,000 others',
  },
  { kernel: '6.18.15', what: '`caps-setuid`', rows: 2_500, agreed: 2_500, remark: 'random rows of `record/caps`' },
  { kernel: '6.18.15', what: '`hook-trace`', rows: 1_133, agreed: 1_125, remark: TRACE },
  { kernel: '7.3.4', what: '`hook-trace`', rows: 1_133, agreed: 1_123, remark: TRACE },
  { kernel: '6.18.15', what: '`bpf-hooks`', rows: 3_864, agreed: 3_864, remark: HOOKS },
  { kernel: '7.3.4', what: '`bpf-hooks`', rows: 3_934, agreed: 3_934, remark: HOOKS },
  { kernel: '6.18.15', what: '`bpf-decide`', rows: 935, agreed: 935, remark: '`record.sh decide`' },
  { kernel: '7.3.4', what: '`bpf-decide`', rows: 935, agreed: 935, remark: '`record.sh decide`' },
  { kernel: '6.18.15', what: '`lockdown-sessions`', rows: 1_809, agreed: 1_809, remark: LOCKDOWN },
  { kernel: '7.3.4', what: '`lockdown-sessions`', rows: 1_809, agreed: 1_809, remark: LOCKDOWN },
  { kernel: '6.18.15', what: '`landlock-abi`', rows: 1_882, agreed: 1_882, remark: '-' },
  { kernel: '7.3.4', what: '`landlock-abi`', rows: 1_882, agreed: 1_882, remark: '-' },
  { kernel: '6.18.15', what: '`bpf-sweep`', rows: 30_546, agreed: 30_539,
    remark: '7 programs are refused wrongly, for the reasons in `record/bpf-sweep`' },
  { kernel: '7.3.4', what: '`bpf-sweep`', rows: 31_138, agreed: 31_126,
    remark: '12 programs are refused wrongly, for the reasons in `record/bpf-sweep`' },
  { kernel: '6.18.15', what: '`selinux-transcript`', rows: 41_111, agreed: 41_111, remark: SELINUXFS },
  { kernel: '7.3.4', what: '`selinux-transcript`', rows: 41_111, agreed: 41_111, remark: SELINUXFS },
  { kernel: '6.18.15', what: '`selinux-ops`', rows: 512, agreed: 509, remark: OPERATIONS },
  { kernel: '7.3.4', what: '`selinux-ops`', rows: 512, agreed: 505, remark: OPERATIONS },
  { kernel: '7.3.4', what: '`safesetid-sessions`', rows: 12_045, agreed: 12_045, remark: 'seeds 100 and 7300' },
  { kernel: '7.3.4', what: '`loadpin-sessions`', rows: 11_539, agreed: 11_539,
    remark: 'seeds 71 to 96, and from 701 on' },
]

const number = (value: number): string => value.toLocaleString('en')
const total = (key: 'rows' | 'agreed'): string => number(recordings.reduce((sum, one) => sum + one[key], 0))

export const recordedPart = (): readonly string[] => [
  '## Whole recordings of 6.18.15 and 7.3.4',
  '',
  `Of ${total('rows')} rows that these kernels answered, lsmkit gives ${total('agreed')} by their rules. A part of`,
  'each recording is in the tables above; a seed of a recorder in `conformance/record` gives the same questions again.',
  '',
  '| kernel | what | rows | agreed | differ | remarks |',
  '|---|---|---|---|---|---|',
  ...recordings.map(({ kernel, what, rows, agreed, remark }) =>
    `| ${kernel} | ${what} | ${number(rows)} | ${number(agreed)} | ${number(rows - agreed)} | ${remark} |`),
  '',
  'Not recorded on the later kernels: Smack, SafeSetID and LoadPin of 6.18, which Debian\'s images do not have.',
]
