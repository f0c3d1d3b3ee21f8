/** Which format loads a file, through as many interpreters as are allowed. */
import { BINPRM_BUF_SIZE, ELOOP, ENOENT, ENOEXEC } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { isPrintable } from '../state/exec/binfmt.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'
import { closeExec } from './open-exec.ts'

/** Rewrites of one exec: a script, its interpreter, that one's… */
const MAX_DEPTH = 5

/** As `search_binary_handler`. */
const search_binary_handler = (machine: Machine, bprm: ExecBinprm): number => {
  const { formats } = machine.exec
  bprm.buf = new Uint8Array(BINPRM_BUF_SIZE)
  const read = machine.vfs.vfs_read(bprm.file, bprm.buf, 0, BINPRM_BUF_SIZE, 0)
  if (read < 0) return read
  let rc = machine.lsm.bprm_check_security.ask(bprm)
  if (rc !== 0) return rc
  rc = formats.length === 0 ? -ENOENT : -ENOEXEC
  for (const format of formats) {
    if (!format.match(bprm.buf)) continue
    rc = format.load(bprm)
    if (bprm.point_of_no_return || rc !== -ENOEXEC) return rc
  }
  if (machine.rules.binfmtModules && !bprm.buf.subarray(0, 4).every(isPrintable)) {
    const magic = (bprm.buf[2]! | (bprm.buf[3]! << 8)).toString(16).padStart(4, '0')
    // there are no modules to be found: the answer only says whether one might have been looked for
    machine.requestModule(`binfmt-${magic}`)
  }
  return rc
}

/** As `exec_binprm`: loads, through as many interpreters as are allowed. */
export const exec_binprm = (machine: Machine, bprm: ExecBinprm): number => {
  for (let depth = 0; ; depth++) {
    if (depth > MAX_DEPTH) return -ELOOP
    const rc = search_binary_handler(machine, bprm)
    if (rc < 0 || bprm.interpreter === null) return rc
    const script = bprm.file
    bprm.file = bprm.interpreter
    bprm.interpreter = null
    closeExec(machine, script)
  }
}
