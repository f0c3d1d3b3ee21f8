/** /proc/PID/attr: what LSMs tell of a task, and a task may ask of them (proc_pid_attr_* of fs/proc/base.c). */
import {
  EACCES, EBUSY, EINVAL, EPERM, LSM_ID_APPARMOR, LSM_ID_SMACK, LSM_ID_UNDEF, PAGE_SIZE, PTRACE_MODE_READ_FSCREDS,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { fixedDir } from '../pseudo/nodes.ts'
import type { PseudoDir, PseudoNode, PseudoText } from '../pseudo/nodes.ts'
import type { PidContext } from './instance.ts'
import { GONE, pidNode } from './owner.ts'

/** `lsmid` 0: whichever LSM is first on the hook. */
const attrNode = (context: PidContext, lsmid: number, name: string, mode: number): PseudoText => {
  const { machine, pid } = context
  const { current, lsm } = machine
  return {
    kind: 'text',
    mode,
    fresh: true,
    writeKeepsPos: true,
    ...pidNode(context),
    /** Remembers whose address space the opener had; a refusal shows only in later writes. */
    open(io) {
      const mm = pid.task === null ? GONE : machine.ptrace.mm_access(pid.task, PTRACE_MODE_READ_FSCREDS)
      io.state = typeof mm === 'number' ? null : mm
      return 0
    },
    text() {
      if (pid.task === null) return GONE
      const value = ref<string | null>(null)
      const length = lsm.getprocattr.ask(pid.task, lsmid, name, value)
      if (length <= 0) return length < 0 ? length : ''
      return new TextEncoder().encode(value.value ?? '').subarray(0, length)
    },
    write(io, data, pos) {
      const me = current.task
      // only as the one who opened it: the descriptor may not be handed to somebody more privileged
      if (io.state !== me.mm) return -EPERM
      if (pid.task === null) return GONE
      if (pid.task !== me) return -EACCES
      if (me.cred !== me.real_cred) return -EBUSY
      if (pos !== 0) return -EINVAL
      const page = data.slice(0, PAGE_SIZE)
      return lsm.setprocattr.ask(lsmid, name, page, page.length)
    },
  }
}

/** Directories of LSMs that have one: AppArmor as Debian builds the kernel, Smack where it is in the stack. */
export const attrDir = (context: PidContext, smack: boolean): Omit<PseudoDir, 'mode'> => {
  const { made, revalidate, getattr, setattr } = pidNode(context)
  const node = (lsmid: number, name: string, mode: number): PseudoText => attrNode(context, lsmid, name, mode)
  const dir = (entries: Readonly<Record<string, PseudoNode>>): PseudoDir =>
    fixedDir(entries, 0o555, { made, revalidate, getattr, setattr })
  return dir({
    current: node(LSM_ID_UNDEF, 'current', 0o666),
    prev: node(LSM_ID_UNDEF, 'prev', 0o444),
    exec: node(LSM_ID_UNDEF, 'exec', 0o666),
    fscreate: node(LSM_ID_UNDEF, 'fscreate', 0o666),
    keycreate: node(LSM_ID_UNDEF, 'keycreate', 0o666),
    sockcreate: node(LSM_ID_UNDEF, 'sockcreate', 0o666),
    ...(smack ? { smack: dir({ current: node(LSM_ID_SMACK, 'current', 0o666) }) } : {}),
    apparmor: dir({
      current: node(LSM_ID_APPARMOR, 'current', 0o666),
      prev: node(LSM_ID_APPARMOR, 'prev', 0o444),
      exec: node(LSM_ID_APPARMOR, 'exec', 0o666),
    }),
  })
}
