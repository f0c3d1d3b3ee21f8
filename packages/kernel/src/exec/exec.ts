/** execve (fs/exec.c): open, judge, load, and the point of no return, with every hook where the kernel asks it. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, BINPRM_BUF_SIZE, EACCES, EAGAIN, EINVAL, ELOOP, ENOENT, ENOEXEC,
  ENOMEM, FMODE_EXEC, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE, MAY_EXEC, MAY_READ, O_LARGEFILE,
  O_RDONLY, PAGE_SIZE, PER_CLEAR_ON_SETID, PF_FORKNOEXEC, PF_NPROC_EXCEEDED, PF_RANDOMIZE, PFA_NO_NEW_PRIVS,
  PTRACE_EVENT_EXEC, PT_SEIZED, PT_TRACE_EXEC, RLIMIT_NPROC, RLIMIT_STACK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, SIGCHLD,
  SIGSEGV, SIGTRAP, SUID_DUMP_USER, TASK_COMM_LEN, TASK_SIZE, VM_ACCOUNT, VM_GROWSDOWN, VM_MAYEXEC, VM_MAYREAD,
  VM_MAYWRITE, VM_READ, VM_WRITE, _STK_LIM,
} from '@lsmkit/abi'
import { fileSetIds, i_gid_into_vfsgid, i_uid_into_vfsuid, in_userns, privileged_wrt_inode_uidgid } from '@lsmkit/core'
import type { File, KeyMap, Task } from '@lsmkit/core'
import type { Exec } from '../interfaces/exec.ts'
import type { Machine } from '../machine.ts'
import { account, AddressSpace, inheritFlags, insertVma, spaceOf } from '../mm/address-space.ts'
import { rlimit } from '../task/rlimits.ts'
import { isLeader, signalOf, threadOf } from '../task/thread.ts'
import { fdTable, unshare_fd } from '../vfs/fdtable.ts'
import { allow_write_access, deny_write_access } from '../vfs/file.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, LOOKUP_OPEN } from '../vfs/lookup-flags.ts'
import { path_noexec } from '../vfs/mount.ts'
import { getname } from '../vfs/names.ts'
import { isPrintable } from './binfmt.ts'
import type { Binfmt } from './binfmt.ts'
import { ExecBinprm } from './binprm.ts'

/** Rewrites of one exec: a script, its interpreter, that one's… */
const MAX_DEPTH = 5
/** Room below the strings that a stack starts with. */
const STACK_EXPAND = 131072

export const createExec = (lsm: KeyMap, machine: Machine): Exec => {
  const { current, creds, sysctl, tracing: { points: { sched_process_exec } } } = machine
  const formats: Binfmt[] = []

  const registerBinfmt = (format: Binfmt): void => {
    formats.push(format)
  }

  /** As `do_open_execat`: open for execution and closed to writers, or -errno. */
  const do_open_execat = (dfd: number, name: string, flags: number): File | number => {
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL
    const lookup_flags = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0)
    const open_flag = O_LARGEFILE | O_RDONLY | FMODE_EXEC
    const file = machine.vfs.do_filp_open(dfd, name, {
      open_flag,
      mode: 0,
      acc_mode: MAY_EXEC,
      intent: LOOKUP_OPEN,
      lookup_flags,
    })
    if (typeof file === 'number') return file
    const isFile = (file.f_inode.i_mode & S_IFMT) === S_IFREG
    const rc = !isFile || path_noexec(file.f_path) ? -EACCES : deny_write_access(file.f_inode)
    if (rc === 0) return file
    machine.vfs.fput(file)
    return rc
  }

  /** As `open_exec`: what a format opens for itself. */
  const open_exec = (name: string): File | number => do_open_execat(AT_FDCWD, name, 0)

  /** Writers may come back; the file goes after the call has returned. */
  const closeExec = (file: File): void => {
    allow_write_access(file.f_inode)
    machine.callRcu(() => machine.vfs.fput(file))
  }

  /** As `alloc_bprm`: the program is open and has an empty address space with one page of stack. */
  const alloc_bprm = (dfd: number, name: string, flags: number): ExecBinprm | number => {
    const file = do_open_execat(dfd, name, flags)
    if (typeof file === 'number') return file
    const me = current.task
    const plain = dfd === AT_FDCWD || name.startsWith('/')
    const filename = plain ? name : name === '' ? `/dev/fd/${dfd}` : `/dev/fd/${dfd}/${name}`
    const closes = !plain && fdTable(me).close_on_exec[dfd] === true
    const bprm = new ExecBinprm(me, file, filename, !plain && name === '', closes)
    const mm = new AddressSpace(machine.account, me.cred.user_ns)
    if (me.mm !== null) inheritFlags(mm, spaceOf(me.mm))
    if (machine.mms.enough(mm, 1) !== 0) {
      closeExec(file)
      return -ENOMEM
    }
    const vm_flags = VM_READ | VM_WRITE | VM_GROWSDOWN | VM_ACCOUNT | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
    bprm.mm = mm
    bprm.vma = {
      vm_start: TASK_SIZE - PAGE_SIZE,
      vm_end: TASK_SIZE,
      vm_flags,
      vm_pgoff: 0,
      vm_file: null,
      vm_mm: mm,
      anon_vma: true,
    }
    insertVma(mm, bprm.vma)
    account(mm, vm_flags, 1)
    return bprm
  }

  const free_bprm = (bprm: ExecBinprm): void => {
    if (bprm.mm !== null) machine.mms.mmput(bprm.mm)
    if (bprm.cred !== null) creds.abort_creds(bprm.cred)
    closeExec(bprm.file)
  }

  /** As `check_unsafe_exec`: circumstances in which privilege must not rise. */
  const check_unsafe_exec = (bprm: ExecBinprm): void => {
    const me = current.task
    if (me.ptrace !== 0) bprm.unsafe |= LSM_UNSAFE_PTRACE
    if (me.atomic_flags & PFA_NO_NEW_PRIVS) bprm.unsafe |= LSM_UNSAFE_NO_NEW_PRIVS
    let own = 0
    for (const thread of signalOf(me).threads) if (thread.fs === me.fs) own++
    if (me.fs !== null && me.fs.users > own) bprm.unsafe |= LSM_UNSAFE_SHARE
  }

  /** As `bprm_fill_uid`: the file's set-id bits, looked at again now that nobody can change them. */
  const fillUid = (bprm: ExecBinprm, file: File): void => {
    const { mnt } = file.f_path
    const inode = file.f_inode
    const noNewPrivs = (current.task.atomic_flags & PFA_NO_NEW_PRIVS) !== 0
    const maySuid = mntMaySuid(file)
    if (!maySuid || noNewPrivs || !(inode.i_mode & (S_ISUID | S_ISGID))) return
    const uid = i_uid_into_vfsuid(mnt.mnt_idmap, inode)
    const gid = i_gid_into_vfsgid(mnt.mnt_idmap, inode)
    if (machine.vfs.inode_permission(mnt.mnt_idmap, inode, MAY_EXEC) !== 0) return
    const ids = fileSetIds({ mode: inode.i_mode, uid, gid, maySuid }, bprm.cred.user_ns, noNewPrivs)
    if (ids.euid !== null || ids.egid !== null) bprm.per_clear |= PER_CLEAR_ON_SETID
    if (ids.euid !== null) bprm.cred.euid = ids.euid
    if (ids.egid !== null) bprm.cred.egid = ids.egid
  }

  /** As `mnt_may_suid`. */
  const mntMaySuid = (file: File): boolean => {
    const { mnt } = file.f_path
    return machine.vfs.mnt_may_suid(mnt) && in_userns(mnt.mnt_sb.s_user_ns, current.task.cred.user_ns)
  }

  /** As `would_dump`: who cannot read the program must not see its memory either. */
  const would_dump = (bprm: ExecBinprm): void => {
    const { mnt } = bprm.file.f_path
    const inode = bprm.file.f_inode
    const mm = bprm.mm!
    if (machine.vfs.inode_permission(mnt.mnt_idmap, inode, MAY_READ) === 0) return
    bprm.enforce_nondump = true
    let ns = mm.user_ns
    while (ns.parent !== null && !privileged_wrt_inode_uidgid(ns, mnt.mnt_idmap, inode)) ns = ns.parent
    mm.user_ns = ns
  }

  /** As `de_thread`: the caller becomes the only thread, under the pid of the process. */
  const de_thread = (me: Task): void => {
    for (const thread of [...signalOf(me).threads]) if (thread !== me) machine.exits.do_exit(thread, 0)
    if (!isLeader(me)) machine.exits.takeLeadership(me)
    threadOf(me).exit_signal = SIGCHLD
  }

  const unshareFiles = (me: Task): number => {
    const rc = unshare_fd(me, machine.account)
    if (rc !== 0) return rc
    const own = fdTable(me)
    for (const fd of [...own.open()]) {
      if (!own.close_on_exec[fd]) continue
      const file = own.take(fd)!
      machine.callRcu(() => machine.vfs.filp_close(file, own))
    }
    return 0
  }

  /** As `mm_release`: who still has the old memory learns by it that this thread has left. */
  const releaseTid = (me: Task): void => {
    const thread = threadOf(me)
    if (thread.clear_child_tid !== null && (me.mm?.users ?? 1) > 1) thread.clear_child_tid.value = 0
    thread.clear_child_tid = null
  }

  /** As `exec_mmap`. */
  const replaceMm = (me: Task, bprm: ExecBinprm): void => {
    const old = me.mm
    me.mm = bprm.mm
    bprm.mm = null
    if (old !== null) machine.mms.mmput(old)
  }

  const setDumpable = (me: Task, bprm: ExecBinprm): void => {
    const { cred } = me
    const plain = !bprm.enforce_nondump && cred.euid === cred.uid && cred.egid === cred.gid
    me.mm!.dumpable = plain ? SUID_DUMP_USER : sysctl.suid_dumpable
  }

  const setComm = (me: Task, bprm: ExecBinprm): void => {
    const name = bprm.comm_from_dentry
      ? bprm.file.f_path.dentry.d_name.name
      : bprm.filename.slice(bprm.filename.lastIndexOf('/') + 1)
    set_task_comm(machine, me, name)
  }

  /** As `begin_new_exec`: 0, or -errno; after the credentials are known there is no way back. */
  const begin_new_exec = (bprm: ExecBinprm): number => {
    const me = current.task
    const thread = threadOf(me)
    fillUid(bprm, bprm.file)
    let rc = lsm.bprm_creds_from_file.ask(bprm, bprm.file)
    if (rc !== 0) return rc
    bprm.point_of_no_return = true
    de_thread(me)
    rc = unshareFiles(me)
    if (rc !== 0) return rc
    machine.mms.setExe(bprm.mm!, bprm.file)
    would_dump(bprm)
    releaseTid(me)
    replaceMm(me, bprm)
    machine.namespaces.exec_task_namespaces(me)
    for (const step of machine.onExec) step(me)
    thread.sighand = machine.exits.unshareSighand(thread.sighand)
    me.flags &= ~(PF_RANDOMIZE | PF_FORKNOEXEC)
    me.personality &= ~bprm.per_clear
    if (bprm.secureexec) {
      me.pdeath_signal = 0
      if (bprm.rlim_stack.rlim_cur > _STK_LIM) bprm.rlim_stack.rlim_cur = _STK_LIM
    }
    setDumpable(me, bprm)
    setComm(me, bprm)
    thread.self_exec_id++
    thread.sighand.action.forEach((action) => {
      if (action !== null)
        Object.assign(action, { handler: action.handler === 'ignore' ? 'ignore' : 'default', flags: 0, mask: 0n })
    })
    lsm.bprm_committing_creds.tell(bprm)
    creds.commit_creds(bprm.cred)
    bprm.cred = null as never
    lsm.bprm_committed_creds.tell(bprm)
    signalOf(me).rlim[RLIMIT_STACK] = bprm.rlim_stack
    return 0
  }

  /** As `setup_arg_pages` and `create_elf_tables`: the stack as it will be, and where its parts lie. */
  const setup_stack = (bprm: ExecBinprm): number => {
    const mm = spaceOf(current.task.mm!)
    const vma = bprm.vma!
    const size = Math.min(bprm.rlim_stack.rlim_cur, vma.vm_end - vma.vm_start + STACK_EXPAND)
    const grow = Math.max(0, Math.floor(size / PAGE_SIZE) - (vma.vm_end - vma.vm_start) / PAGE_SIZE)
    if (grow !== 0) {
      if (machine.mms.enough(mm, grow) !== 0) return -ENOMEM
      vma.vm_start -= grow * PAGE_SIZE
      account(mm, vma.vm_flags, grow)
    }
    mm.argv = bprm.argv
    mm.envp = bprm.envp
    const bytes = (list: readonly string[]): number =>
      new TextEncoder().encode(list.join('\0')).length + (list.length === 0 ? 0 : 1)
    mm.env_end = TASK_SIZE - 8 - bytes([bprm.filename])
    mm.env_start = mm.arg_end = mm.env_end - bytes(bprm.envp)
    mm.arg_start = mm.arg_end - bytes(bprm.argv)
    mm.start_stack = Math.floor((mm.arg_start - 1024) / 16) * 16
    return 0
  }

  /** As `search_binary_handler`. */
  const search_binary_handler = (bprm: ExecBinprm): number => {
    bprm.buf = new Uint8Array(BINPRM_BUF_SIZE)
    const read = machine.vfs.vfs_read(bprm.file, bprm.buf, 0, BINPRM_BUF_SIZE, 0)
    if (read < 0) return read
    let rc = lsm.bprm_check_security.ask(bprm)
    if (rc !== 0) return rc
    rc = formats.length === 0 ? -ENOENT : -ENOEXEC
    for (const format of formats) {
      if (!format.match(bprm.buf)) continue
      rc = format.load(bprm)
      if (bprm.point_of_no_return || rc !== -ENOEXEC) return rc
    }
    if (!bprm.buf.subarray(0, 4).every(isPrintable)) {
      const magic = (bprm.buf[2]! | (bprm.buf[3]! << 8)).toString(16).padStart(4, '0')
      // there are no modules to be found: the answer only says whether one might have been looked for
      lsm.kernel_module_request.ask(`binfmt-${magic}`)
    }
    return rc
  }

  /** As `exec_binprm`: loads, through as many interpreters as are allowed. */
  const exec_binprm = (bprm: ExecBinprm): number => {
    for (let depth = 0; ; depth++) {
      if (depth > MAX_DEPTH) return -ELOOP
      const rc = search_binary_handler(bprm)
      if (rc < 0 || bprm.interpreter === null) return rc
      const script = bprm.file
      bprm.file = bprm.interpreter
      bprm.interpreter = null
      closeExec(script)
    }
  }

  /** As `bprm_execve`. A failure after the point of no return kills: there is nothing to go back to. */
  const bprm_execve = (bprm: ExecBinprm): number => {
    const me = current.task
    const next = creds.prepare_exec_creds()
    if (next === null) return -ENOMEM
    bprm.cred = next
    check_unsafe_exec(bprm)
    me.in_execve = 1
    let rc = lsm.bprm_creds_for_exec.ask(bprm)
    if (rc === 0) rc = exec_binprm(bprm)
    me.in_execve = 0
    if (rc < 0 && bprm.point_of_no_return) machine.callRcu(() => machine.exits.dieOf(me, SIGSEGV, false))
    return rc
  }

  /** As `ptrace_event(PTRACE_EVENT_EXEC)`: a tracer that has not asked for the event gets SIGTRAP. */
  const reportExec = (me: Task, old_pid: number): void => {
    if (me.ptrace === 0) return
    if (me.ptrace & PT_TRACE_EXEC) machine.delivery.ptraceEvent(me, PTRACE_EVENT_EXEC, old_pid)
    else if (!(me.ptrace & PT_SEIZED)) machine.signals.send(SIGTRAP, machine.signals.userSiginfo(SIGTRAP), me, 'thread')
  }

  /** As `do_execveat_common`: 0 and a new image, or -errno. */
  const do_execveat = (
    dfd: number, name: unknown, argv: readonly string[] | null, envp: readonly string[] | null, flags: number,
  ): number => {
    const path = getname(name, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0)
    if (typeof path === 'number') return path
    const me = current.task
    const overLimit = () => machine.tasks.ofUser.of(me.cred.uid) > rlimit(me, RLIMIT_NPROC)
    if (me.flags & PF_NPROC_EXCEEDED && overLimit()) return -EAGAIN
    me.flags &= ~PF_NPROC_EXCEEDED
    const bprm = alloc_bprm(dfd, path, flags)
    if (typeof bprm === 'number') return bprm
    const old_pid = me.pid
    let rc = bprm.copyVectors(argv, envp)
    if (rc === 0) rc = bprm_execve(bprm)
    if (rc >= 0) {
      if (sched_process_exec.on) sched_process_exec.hit(me, old_pid, bprm)
      reportExec(me, old_pid)
    }
    free_bprm(bprm)
    return rc
  }

  return { registerBinfmt, open_exec, begin_new_exec, setup_stack, do_execveat }
}

/** The first 15 bytes of a name. */
export const truncateComm = (name: string): string => {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length < TASK_COMM_LEN) return name
  return new TextDecoder().decode(bytes.subarray(0, TASK_COMM_LEN - 1)).replace(/\ufffd+$/, '')
}

/** As `__set_task_comm`, of a name of any length. */
export const set_task_comm = ({ tracing: { points: { task_rename } } }: Machine, task: Task, name: string): void => {
  const comm = truncateComm(name)
  if (task_rename.on) task_rename.hit(task, comm)
  task.comm = comm
}
