/**
 * `main.ts operations`: the operations of bpf-decide as C, for recorder.c to be compiled with.
 * `main.ts rows`: its questions, lines `HOOK OPERATION ANSWER,ANSWER…`.
 */
import { bpfDecideOperations } from '../../src/operations/bpf-decide.ts'
import { functionOf } from '../c-text.ts'

const ANSWERS = [0, -1, -2, -13, -95]

/** Hooks that an operation asks, and some that only seem to be asked by it. */
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  open: ['file_open', 'inode_permission', 'file_alloc_security', 'file_post_open'],
  stat: ['inode_getattr', 'inode_permission'],
  mkdir: ['path_mkdir', 'inode_mkdir', 'inode_permission'],
  unlink: ['path_unlink', 'inode_unlink'],
  getxattr: ['inode_getxattr', 'inode_getsecurity'],
  setuid: ['task_fix_setuid', 'capable', 'cred_prepare'],
  kill: ['task_kill'],
  prctl: ['task_prctl'],
  exec: ['bprm_check_security', 'bprm_creds_for_exec', 'bprm_creds_from_file'],
  socket: ['socket_create', 'socket_post_create', 'sk_alloc_security'],
  bpf: ['bpf', 'bpf_map_free', 'bpf_prog_load'],
}

/** Sequences of one answer, of two, and of three on the hook whose operation is the cheapest. */
const sequences = (longest: number): readonly string[] => {
  let last = ['']
  const all: string[] = []
  for (let length = 1; length <= longest; length++) {
    last = last.flatMap((before) => ANSWERS.map((answer) => (before === '' ? `${answer}` : `${before},${answer}`)))
    all.push(...last)
  }
  return all
}

if (process.argv[2] === 'operations') {
  const all = Object.entries(bpfDecideOperations)
  for (const [name, { act }] of all) console.log(functionOf(`play_${name}`, act))
  console.log(`static const struct decide_operation {
\tconst char *name;
\tcall_t play;
} decide_operations[] = {
${all.map(([name]) => `\t{ "${name}", play_${name} },`).join('\n')}
\t{ 0 }
};`)
} else {
  for (const [operation, hooks] of Object.entries(HOOKS)) {
    for (const hook of hooks) {
      for (const answers of sequences(hook === 'file_open' ? 3 : 2)) console.log(`${hook} ${operation} ${answers}`)
    }
  }
}
