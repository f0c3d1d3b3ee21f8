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
const CALLS = 'calls of 150 sessions'

/** Each line is one replay of whole recordings; a new recording adds to its line. */
export const recordings: readonly Recording[] = [
  { kernel: '6.18.15', what: '`landlock-sessions`', rows: 234_718, agreed: 234_544,
    remark: '174 are of a recording that has not been made again: it differed in 200 rows before Landlock\'s erratum ' +
      '4 and signals to process groups followed the release. Its seeds 1 to 200, with 26 of them, now agree; the ' +
      'seeds of the rest are not known' },
  { kernel: '7.3.4', what: '`landlock-sessions`', rows: 185_847, agreed: 185_847, remark: '-' },
  { kernel: '6.18.15', what: NATIVE, rows: 175_130, agreed: 175_130,
    remark: '`record.sh native`, 600 questions: seeds 5001 to 5060, and 30 from each of 10001, 10101, 10201, 10301' },
  { kernel: '7.3.4', what: NATIVE, rows: 258_201, agreed: 258_201,
    remark: '`record.sh native`, 600 questions: seeds 5001 to 5060, 7001 to 7050, and 30 from each of 12001, 12101, ' +
      '12201, 12301' },
  { kernel: '6.18.15', what: '`cgroup-sessions`', rows: 35_052, agreed: 34_990,
    remark: '62 are of a recording that has not been made again: it differed in 81 rows before processes that clone3 ' +
      'makes in a killed group died as there. Its sessions 1 to 150, with 19 of them, now agree; the seeds of the ' +
      'rest are not known. Sessions 20001 to 20050, 2,083 rows, agree' },
  { kernel: '7.3.4', what: '`cgroup-sessions`', rows: 32_969, agreed: 32_969, remark: '-' },
  { kernel: '6.18.15', what: '`overlay-sessions`', rows: 21_161, agreed: 21_161, remark: '-' },
  { kernel: '7.3.4', what: '`overlay-sessions`', rows: 23_799, agreed: 23_799, remark: '-' },
  { kernel: '7.3.4', what: '`posix-sessions`', rows: 6_000, agreed: 6_000, remark: CALLS },
  { kernel: '7.3.4', what: '`caps-exec`', rows: 2_000, agreed: 2_000, remark: 'random rows of `record/caps`' },
  { kernel: '6.18.15', what: '`caps-setuid`', rows: 2_500, agreed: 2_500, remark: 'random rows of `record/caps`' },
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
  'Not recorded on the later kernels: Smack, SafeSetID and LoadPin of 6.18, which Debian\'s images do not have, and',
  'the 1,063 operations of `hook-trace` that 6.12 answered first.',
]
