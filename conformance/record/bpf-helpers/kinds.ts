/** Kinds of programs that helpers are asked for: letter, type, attach type, target in the kernel's types, flags. */

export interface Kind {
  /** As in the table of helpers. */
  readonly letter: string
  readonly type: number
  readonly attach: number
  /** Kind and name of what it is attached to. */
  readonly target?: readonly ['func' | 'typedef', string]
  readonly sleepable?: boolean
}

export const kinds: readonly Kind[] = [
  { letter: 'S', type: 1, attach: 0 }, { letter: 'T', type: 3, attach: 0 }, { letter: 'X', type: 6, attach: 0 },
  { letter: 'K', type: 8, attach: 0 }, { letter: 'k', type: 9, attach: 2 }, { letter: 'a', type: 18, attach: 10 },
  { letter: 'd', type: 15, attach: 6 }, { letter: 'y', type: 23, attach: 18 }, { letter: 'o', type: 25, attach: 22 },
  { letter: 'O', type: 13, attach: 3 }, { letter: 'b', type: 14, attach: 4 }, { letter: 'm', type: 16, attach: 7 },
  { letter: 'f', type: 22, attach: 17 }, { letter: 'i', type: 10, attach: 0 }, { letter: 'u', type: 11, attach: 0 },
  { letter: 'x', type: 12, attach: 0 }, { letter: '6', type: 19, attach: 0 }, { letter: 'r', type: 21, attach: 0 },
  { letter: 'l', type: 30, attach: 36 }, { letter: 'P', type: 2, attach: 0 }, { letter: 't', type: 5, attach: 0 },
  { letter: 'e', type: 7, attach: 0 }, { letter: 'R', type: 17, attach: 0 },
  { letter: 'F', type: 26, attach: 24, target: ['func', 'security_file_open'] },
  { letter: 'B', type: 26, attach: 23, target: ['typedef', 'btf_trace_sched_switch'] },
  { letter: 'I', type: 26, attach: 28, target: ['func', 'bpf_iter_task'] },
  { letter: 'L', type: 29, attach: 27, target: ['func', 'bpf_lsm_file_open'] },
  { letter: 'C', type: 29, attach: 43, target: ['func', 'bpf_lsm_socket_bind'] },
  { letter: 'Y', type: 31, attach: 0, sleepable: true }, { letter: 'N', type: 32, attach: 45 },
]
