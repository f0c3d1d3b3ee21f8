/** Operations of selinux-ops.tsv: execve, and what the program finds; domains entered without one. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const NO_NEW_PRIVS = 'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)'
const X = 'execute("x")'
const setexec = (context: string): string => `attr("exec", ${context}); ${X}`
const of = (type: string): string => `label("x", "${type}")`
const NOSUID = 'mkdir("m", 0777); mount("tmpfs", "m", "tmpfs", MS_NOSUID, NULL); label("m", "d_t")'
const nosuid = (type: string): string => `${NOSUID}; program("m/x", "${type}")`
const THREAD = 'waiting_child(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM)'

const executed = (acts: Readonly<Record<string, readonly [setup: string, act: string, before?: string]>>): Operations =>
  Object.fromEntries(Object.entries(acts).map(([name, [setup, act, before]]) =>
    [name, { setup, act, ...(before === undefined ? {} : { before }), tells: ['program'] }]))
/** With the target of an inherited descriptor. */
const inheriting = (acts: Readonly<Record<string, string>>): Operations =>
  Object.fromEntries(Object.entries(acts).map(([name, setup]) => [name, { setup, act: X, tells: ['program', 'fd'] }]))

export const execOperations: Operations = {
  ...executed({
    exec_same: [of('o_t'), X],
    exec_trans: [of('e_t'), X],
    exec_setexec: [of('o_t'), setexec('dom("x_t")')],
    exec_setexec_same: [of('e_t'), setexec('dom("s_t")')],
    exec_setexec_badrole: [of('o_t'), setexec('ctx("o_t")')],
    exec_trans_badrole: [of('e2_t'), X],
    exec_trans_owntty: [of('e_t'), `open("f", O_RDWR); ${X}`],
    exec_nnp_trans: [of('e_t'), X, NO_NEW_PRIVS],
    exec_nnp_same: [of('o_t'), X, NO_NEW_PRIVS],
    exec_nnp_setexec: [of('o_t'), `attr("exec", dom("x_t")); ${NO_NEW_PRIVS}; ${X}`],
    exec_nnp_bounded: [of('eb_t'), setexec('dom("b_t")'), NO_NEW_PRIVS],
    exec_nosuid_trans: [nosuid('e_t'), 'execute("m/x")'],
    exec_nosuid_nnp: [nosuid('e_t'), 'execute("m/x")', NO_NEW_PRIVS],
    exec_nosuid_setexec: [nosuid('o_t'), 'attr("exec", dom("x_t")); execute("m/x")'],
    exec_share: [of('e_t'), `waiting_child(CLONE_FS|SIGCHLD); ${X}`],
    exec_script: ['label("x", "o_t"); script("sc", "e_t", "/w/x")', 'execute("sc")'],
    exec_fexecve: ['label("x", "o_t"); fd = open("x", O_PATH|O_CLOEXEC)', 'execute_at(fd)'],
    exec_memfd: [
      'label("x", "o_t"); fd = open("x", O_RDONLY)',
      's = memfd_create("m", MFD_CLOEXEC); copy_all(fd, s); execute_at(s)',
    ],
    exec_noexecfile: ['label("x", "o_t"); chmod("x", 0644)', X],
    exec_sigign_trans: [of('e_t'), X, 'struct rlimit r = { 100, 4096 }; setrlimit(RLIMIT_NOFILE, &r)'],
  }),
  ...inheriting({
    exec_same_fd: `${of('o_t')}; fd = open("f", O_RDONLY)`,
    exec_trans_fd: `${of('e_t')}; fd = open("f", O_RDWR)`,
    exec_trans_devnull: `${of('e_t')}; label("f", "l_t"); fd = open("f", O_RDWR)`,
  }),
  exec_setexec_invalid: { act: 'attr("exec", dom("nosuch_t"))' },
  exec_traced: { setup: of('e_t'), act: 'traced_exec("x")', tells: ['text', 'child-label='] },

  ...each({}, {
    setcon: 'attr("current", dom("y_t"))',
    setcon_same: 'attr("current", dom("s_t"))',
    setcon_bounded: 'attr("current", dom("b_t"))',
    setcon_invalid: 'attr("current", dom("nosuch_t"))',
    setcon_badrange: 'attr("current", "u:r:s_t:s0-s0:c9")',
    // a thread that cannot be made is not missed
    setcon_threads: `(${THREAD}, 0); attr("current", dom("y_t"))`,
    setcon_threads_bounded: `(${THREAD}, 0); attr("current", dom("b_t"))`,
    clone_thread: THREAD,
  }),
  setcon_nnp: { before: NO_NEW_PRIVS, act: 'attr("current", dom("y_t"))' },
  setcon_traced: { act: 'traced_setcon(dom("p_t"), dom("y_t"))', tells: ['noted'] },
  attr_read_current: { act: 'fd = open("/proc/self/attr/current", O_RDONLY); read(fd, buf, 256)' },
  attr_read_prev: {
    act: 'fd = open("/proc/self/attr/prev", O_RDONLY); read(fd, note, 256)', tells: ['text', 'prev='],
  },
  attr_setkeycreate: {
    act: 'attr("keycreate", ctx("k_t")); add_key("user", "k", "pay", 3, KEY_SPEC_PROCESS_KEYRING)',
  },
  attr_setsockcreate: { act: 'attr("sockcreate", ctx("sock_t")); socket(AF_INET, SOCK_STREAM, 0)' },
  attr_setsockcreate_unix: {
    act: `attr("sockcreate", dom("sock_t")); socketpair(AF_UNIX, SOCK_STREAM, 0, sp); write(sp[0], "x", 1);
      read(sp[1], buf, 1)`,
  },
  lsm_get_self_attr: { act: 'len = 1000; lsm_get_self_attr(LSM_ATTR_CURRENT, buf, &len, 0)' },
  lsm_set_self_attr: {
    act: `struct { long id, flags, len, ctx_len; char ctx[16]; } c = { LSM_ID_SELINUX, 0, 43, 11, "u:r:y_t:s0" };
      lsm_set_self_attr(LSM_ATTR_CURRENT, &c, 43, 0)`,
  },
}
