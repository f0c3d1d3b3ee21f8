/**
 * Every operation of bpf-decide.tsv, by a child of process 1; `/w/f` is the row's object, `/w/x` a program,
 * `/w/u` a file without a label of its own.
 */
import { each } from './operation.ts'
import type { Operations } from './operation.ts'

export const bpfDecideOperations: Operations = each({}, {
  open: 'open("/w/f", O_RDONLY)',
  stat: 'stat("/w/f", buf)',
  mkdir: 'mkdir("/w/d", 0755)',
  unlink: 'unlink("/w/u")',
  getxattr: 'getxattr("/w/f", "security.none", buf, 16)',
  setuid: 'setuid(1000)',
  kill: 'kill(getpid(), SIGCONT)',
  prctl: 'prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)',
  exec: 'execve("/w/x", av, ev)',
  socket: 'socket(AF_UNIX, SOCK_STREAM, 0)',
  // a program is loaded and thrown away, by process 1 itself
  bpf: 'load_program()',
})
