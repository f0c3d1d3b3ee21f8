/** /proc/PID/attr: attributes of a task that LSMs show and set (proc_pid_attr_* of fs/proc/base.c). */
import { EACCES, EBUSY, EINVAL, EPERM, LSM_ID_UNDEF, PAGE_SIZE, PTRACE_MODE_READ_FSCREDS } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { TaskAttrDir, TaskAttrFile } from '@lsmkit/core'
import { BUILT_IN_ATTR_DIRS } from '../../state/config.ts'
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
    /** Remembers the opener's address space; a refusal shows only in later writes. */
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
      // the writer has to have the opener's credentials: a more privileged task may not be given the descriptor
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

/** Modes of the files, which are the same in each directory. */
const MODES: Readonly<Record<TaskAttrFile, number>> = {
  current: 0o666, prev: 0o444, exec: 0o666, fscreate: 0o666, keycreate: 0o666, sockcreate: 0o666,
}

/** Those of LSMs in the stack, and those that the kernel is built with. */
const dirsOf = ({ machine }: PidContext): readonly TaskAttrDir[] => {
  const { attrDirs = [] } = machine.stack
  return [...attrDirs, ...BUILT_IN_ATTR_DIRS.filter(({ id }) => !attrDirs.some((dir) => dir.id === id))]
}

/** The attributes of whichever LSM is first on the hook, and a directory for each LSM that has one. */
export const attrDir = (context: PidContext): Omit<PseudoDir, 'mode'> => {
  const { made, revalidate, getattr, setattr } = pidNode(context)
  const nodes = (lsmid: number, files: readonly TaskAttrFile[]): Readonly<Record<string, PseudoText>> =>
    Object.fromEntries(files.map((file) => [file, attrNode(context, lsmid, file, MODES[file])]))
  const dir = (entries: Readonly<Record<string, PseudoNode>>): PseudoDir =>
    fixedDir(entries, 0o555, { made, revalidate, getattr, setattr })
  return dir({
    ...nodes(LSM_ID_UNDEF, Object.keys(MODES) as TaskAttrFile[]),
    ...Object.fromEntries(dirsOf(context).map(({ name, id, files }) => [name, dir(nodes(id, files))])),
  })
}
