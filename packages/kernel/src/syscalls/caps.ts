/** capget(2) and capset(2): the user interface in its three versions (kernel/capability.c). */
import {
  _LINUX_CAPABILITY_VERSION_3, CAP_FULL_SET, capIntersect, CapSet, EFAULT, EINVAL, ENOMEM, EPERM, ESRCH, packUserCap,
  unpackUserCap, userCapWords,
} from '@lsmkit/abi'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'

/** Bytes of `cap_user_data_t`. */
const CAP_DATA_SIZE = 12

/** `cap_user_header_t`. The kernel replaces an unknown version by its own. */
export interface CapHeader {
  version: number
  pid: number
}

/** As `cap_validate_magic`: the number of structs of data, or -errno. */
const wordsOf = (header: CapHeader | null): number => {
  if (header === null) return -EFAULT
  const words = userCapWords(header.version)
  if (words !== 0) return words
  header.version = _LINUX_CAPABILITY_VERSION_3
  return -EINVAL
}

/** Without `data` an unknown version is no error: programs find the version this way. */
const capget = (machine: Machine, header: CapHeader | null, data: GuestBytes | null): number => {
  const words = wordsOf(header)
  if (data === null || words < 0) return data === null && (words === -EINVAL || words > 0) ? 0 : words
  const { pid } = header as CapHeader
  if (pid < 0) return -EINVAL
  const own = pid === 0 || pid === machine.tasks.pidNr(machine.current.task)
  const target = own ? machine.current.task : machine.tasks.findByVpid(pid)
  if (target === null) return -ESRCH
  const effective = new CapSet()
  const inheritable = new CapSet()
  const permitted = new CapSet()
  const rc = machine.lsm.capget.ask(target, effective, inheritable, permitted)
  if (rc !== 0) return rc
  const bytes = packUserCap({ effective, inheritable, permitted }, words)
  if (data.length < bytes.length) return -EFAULT
  copyOut(bytes, data)
  return 0
}

const capset = (machine: Machine, header: CapHeader | null, data: GuestBytes | null): number => {
  const words = wordsOf(header)
  if (words < 0) return words
  const { pid } = header as CapHeader
  if (pid !== 0 && pid !== machine.tasks.pidNr(machine.current.task)) return -EPERM
  const wanted = data === null ? undefined : unpackUserCap(copyIn(data, 0, words * CAP_DATA_SIZE), words)
  if (wanted === undefined) return -EFAULT
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  const rc = machine.lsm.capset.ask(
    next,
    machine.current.task.cred,
    capIntersect(wanted.effective, CAP_FULL_SET),
    capIntersect(wanted.inheritable, CAP_FULL_SET),
    capIntersect(wanted.permitted, CAP_FULL_SET),
  )
  if (rc < 0) {
    machine.creds.abort_creds(next)
    return rc
  }
  return machine.creds.commit_creds(next)
}

export const capSyscalls = { capget, capset }
