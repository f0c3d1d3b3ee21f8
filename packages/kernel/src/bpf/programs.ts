/** BPF_PROG_LOAD: checks of the caller, then the hook, then the verifier (bpf_prog_load of kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import {
  CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, E2BIG, EACCES, EFAULT, EINVAL, ENOMEM, ENOTSUPP, EPERM, EPROTO,
} from '@lsmkit/abi'
import { copyIn, isGuestBytes } from '../state/guest-bytes.ts'
import { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import type { Attr } from './attr.ts'
import { mayLoadFor } from './attach-types.ts'
import { bytesAt, nameOf, tokenFor } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import type { EngineMap, InfoRecords, ProgramRequest } from '@lsmkit/core'
import { checkLog, writeLog } from './log.ts'
import { KernelProg } from '../state/bpf/objects.ts'
import type { KernelBtf, KernelMap, KernelToken } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import {
  token_capable, NET_ADMIN_TYPES, PERFMON_TYPES, bypass_spec, token_allow_cmd, token_allow_prog_type,
} from './rights.ts'
import { progOf, btfOf, prog_new_fd, mapOf } from './descriptors.ts'
import { put_token, free_prog, put_prog } from './references.ts'

const INSN_SIZE = 8
const LOAD_FLAGS = abi.BPF_F_STRICT_ALIGNMENT | abi.BPF_F_ANY_ALIGNMENT | abi.BPF_F_TEST_STATE_FREQ |
  abi.BPF_F_SLEEPABLE | abi.BPF_F_TEST_RND_HI32 | abi.BPF_F_XDP_HAS_FRAGS | abi.BPF_F_XDP_DEV_BOUND_ONLY |
  abi.BPF_F_TEST_REG_INVARIANTS | abi.BPF_F_TOKEN_FD
const LAST_TYPE = abi.BPF_PROG_TYPE_NETFILTER
/** Everybody may load these where unprivileged BPF is on. */
const UNPRIVILEGED: ReadonlySet<number> = new Set([abi.BPF_PROG_TYPE_SOCKET_FILTER, abi.BPF_PROG_TYPE_CGROUP_SKB])
const LONGEST_LICENSE = 127
/** Stands in until the hook was asked; the loader's rights are asked after it. */
const NO_RIGHTS: ProgramRequest['rights'] = { bpf: false, perfmon: false, bypass_spec: false }

/** The text up to its NUL; a string stands for one that has it. */
const textIn = (pointer: unknown): string | number => {
  if (typeof pointer === 'string') return pointer.slice(0, LONGEST_LICENSE)
  if (!isGuestBytes(pointer)) return -EFAULT
  const bytes = copyIn(pointer, 0, LONGEST_LICENSE)
  const end = bytes.indexOf(0)
  if (end < 0 && bytes.length < LONGEST_LICENSE) return -EFAULT
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Checks capabilities and the size before anything else: 0 or -errno. */
const mayLoad = (machine: Machine, token: KernelToken | null, type: number, count: number): number => {
  const isCapable = token_capable(machine, token, CAP_BPF)
  if (machine.sysctl.unprivileged_bpf_disabled !== 0 && !isCapable) return -EPERM
  if (count === 0 || count > (isCapable ? abi.BPF_COMPLEXITY_LIMIT_INSNS : abi.BPF_MAXINSNS)) return -E2BIG
  if (!UNPRIVILEGED.has(type) && !isCapable) return -EPERM
  if (NET_ADMIN_TYPES.has(type) && !token_capable(machine, token, CAP_NET_ADMIN)) return -EPERM
  return PERFMON_TYPES.has(type) && !token_capable(machine, token, CAP_PERFMON) ? -EPERM : 0
}

/** Checks what the program is to be attached to: 0 or -errno. Programs that replace functions are not supported. */
const checkTarget = (machine: Machine, attr: Attr, type: number, attachType: number): number => {
  const btfId = attr.number('attach_btf_id')
  let hasBtf = btfId !== 0
  if (attr.number('attach_prog_fd') !== 0) {
    if (typeof progOf(machine, attr.fd('attach_prog_fd')) !== 'number') return -EINVAL
    const btf = btfOf(machine, attr.fd('attach_prog_fd'))
    if (typeof btf === 'number') return -EINVAL
    if (!btf.btf.isKernel) return -ENOTSUPP
    hasBtf = true
  }
  return mayLoadFor(type, attachType, btfId, hasBtf) ? 0 : -EINVAL
}

const infoOf = (attr: Attr, name: 'func_info' | 'line_info'): InfoRecords | number => {
  const [size, count] = [attr.number(`${name}_rec_size`), attr.number(`${name}_cnt`)]
  if (count === 0) return { bytes: new Uint8Array(0), size, count }
  const bytes = bytesAt(attr.pointer(name), size * count)
  return typeof bytes === 'number' ? bytes : { bytes, size, count }
}

/** BTF of the program; null if it describes no functions and lines. */
const typesOf = (machine: Machine, attr: Attr): KernelBtf | null | number => {
  if (attr.number('func_info_cnt') === 0 && attr.number('line_info_cnt') === 0) return null
  const btf = btfOf(machine, attr.fd('prog_btf_fd'))
  if (typeof btf === 'number') return btf
  return btf.btf.isKernel ? -EACCES : btf
}

/** The map behind a descriptor of `fd_array`. */
const atIndex = (attr: Attr, index: number, find: (fd: number) => EngineMap | number): EngineMap | number => {
  if (attr.pointer('fd_array') === null) return -EPROTO
  const fd = bytesAt(attr.pointer('fd_array'), 4, index * 4)
  return typeof fd === 'number' ? fd : find(new DataView(fd.buffer).getInt32(0, true))
}

/** Adds BTF, function and line records to the request. */
const typed = (machine: Machine, attr: Attr, prog: KernelProg, request: ProgramRequest): ProgramRequest | number => {
  const btf = typesOf(machine, attr)
  if (btf === null || typeof btf === 'number') return btf ?? request
  btf.refs++
  prog.btf = btf
  const [func_info, line_info] = [infoOf(attr, 'func_info'), infoOf(attr, 'line_info')]
  if (typeof func_info === 'number') return func_info
  return typeof line_info === 'number' ? line_info : { ...request, btf: btf.btf, func_info, line_info }
}

/** Asked as `bpf_check` does, each of the four and in its order: addresses, unwritten stack, Spectre v1 and v4. */
const loaderRights = (machine: Machine, token: KernelToken | null): ProgramRequest['rights'] => {
  const leaks = token_capable(machine, token, CAP_PERFMON)
  const stack = token_capable(machine, token, CAP_PERFMON)
  const v1 = bypass_spec(machine, token, CAP_PERFMON)
  const v4 = bypass_spec(machine, token, CAP_PERFMON)
  const locked_down = (what: number): number => machine.lsm.locked_down.ask(what)
  return { bpf: token_capable(machine, token, CAP_BPF), perfmon: leaks && stack, bypass_spec: v1 && v4, locked_down }
}

/** As `bpf_check`: 0 or -errno. The log is written in either case. */
const check = (machine: Machine, attr: Attr, prog: KernelProg, bare: ProgramRequest): number => {
  const { token } = prog
  const loader = loaderRights(machine, token)
  const log = { level: bare.log_level, size: attr.number('log_size'), bytes: attr.bytes('log_buf') }
  let rc = checkLog(log)
  if (rc === 0 && machine.rules.progLoadInVerifier) rc = machine.lsm.bpf_prog_load.ask(prog, attr.values, token, false)
  if (rc !== 0) return rc
  const request = typed(machine, attr, prog, { ...bare, rights: loader })
  if (typeof request === 'number') return request
  const verdict = machine.bpfTable.engine.loadProgram(request)
  const written = writeLog(log, verdict.log)
  attr.out.log_true_size = written.needed
  if (verdict.program === null) return written.rc !== 0 ? written.rc : verdict.errno
  if (written.rc !== 0) {
    verdict.program.free()
    return written.rc
  }
  const { account } = machine
  const bytes = attr.number('insn_cnt') * COST.bpfInstruction
  if (!account.charge(bytes)) {
    verdict.program.free()
    return -ENOMEM
  }
  prog.memory = new Holder(account, bytes)
  prog.engine = verdict.program
  return 0
}

const requestOf = (machine: Machine, attr: Attr, type: number, used: Set<KernelMap>): ProgramRequest | number => {
  const insns = bytesAt(attr.pointer('insns'), attr.number('insn_cnt') * INSN_SIZE)
  if (typeof insns === 'number') return insns
  const license = textIn(attr.pointer('license'))
  if (typeof license === 'number') return license
  if (type === abi.BPF_PROG_TYPE_UNSPEC || type > LAST_TYPE) return -EINVAL
  const name = nameOf(attr.values.prog_name as string)
  if (typeof name === 'number') return name
  const engineMap = (fd: number): EngineMap | number => {
    const map = mapOf(machine, fd)
    if (typeof map === 'number') return map
    used.add(map)
    return map.engine
  }
  const none: InfoRecords = { bytes: new Uint8Array(0), size: 0, count: 0 }
  return {
    type, name, license, insns,
    expected_attach_type: attachTypeOf(attr, type),
    flags: attr.number('prog_flags') & ~abi.BPF_F_TOKEN_FD,
    attach_btf_id: attr.number('attach_btf_id'),
    btf: null,
    func_info: none,
    line_info: none,
    log_level: attr.number('log_level'),
    rights: NO_RIGHTS,
    mapOf: engineMap,
    mapAt: (index) => (index < 0 ? -EFAULT : atIndex(attr, index, engineMap)),
  }
}

/** The program as hooks see it, before it is verified; it takes over the token. */
const make = (machine: Machine, request: ProgramRequest, token: KernelToken | null): KernelProg =>
  new KernelProg(request, (request.flags & abi.BPF_F_SLEEPABLE) !== 0, {
    token, created_by_uid: machine.current.task.cred.uid, load_time: Math.round(machine.monotonic() * 1e6),
  })

const load = (machine: Machine, attr: Attr, token: KernelToken | null): number => {
  const type = attr.number('prog_type')
  let rc = mayLoad(machine, token, type, attr.number('insn_cnt'))
  rc ||= checkTarget(machine, attr, type, attachTypeOf(attr, type))
  const used = new Set<KernelMap>()
  const request = rc !== 0 ? rc : requestOf(machine, attr, type, used)
  if (typeof request === 'number') {
    put_token(machine, token)
    return request
  }
  const prog = make(machine, request, token)
  // the program has the token by then, so the hook gets null
  rc = machine.rules.progLoadInVerifier ? 0 : machine.lsm.bpf_prog_load.ask(prog, attr.values, null, false)
  if (rc === 0) rc = check(machine, attr, prog, request)
  if (rc !== 0) {
    free_prog(machine, prog)
    return rc
  }
  for (const map of used) map.refs++
  prog.maps = [...used]
  machine.bpfTable.progs.add(prog)
  // asked again when the program gets a name in /proc/kallsyms
  token_capable(machine, token, CAP_BPF)
  const fd = prog_new_fd(machine, prog)
  if (fd < 0) put_prog(machine, prog)
  return fd
}

const prog_load: Command = (machine, attr) => {
  const flags = attr.number('prog_flags')
  if (attr.hasTail || (flags & ~LOAD_FLAGS) !== 0) return -EINVAL
  const type = attr.number('prog_type')
  const token = tokenFor(machine, flags, attr.fd('prog_token_fd'), (one) =>
    token_allow_cmd(machine, one, abi.BPF_PROG_LOAD) &&
    token_allow_prog_type(one, type, attachTypeOf(attr, type)))
  return typeof token === 'number' ? token : load(machine, attr, token)
}

const bind_map: Command = (machine, attr) => {
  if (attr.hasTail || attr.number('flags') !== 0) return -EINVAL
  const prog = progOf(machine, attr.fd('prog_fd'))
  if (typeof prog === 'number') return prog
  const map = mapOf(machine, attr.fd('map_fd'))
  if (typeof map === 'number') return map
  if (prog.maps.includes(map)) return 0
  map.refs++
  prog.maps.push(map)
  return 0
}

export const programCommands: BpfCommands = { [abi.BPF_PROG_LOAD]: prog_load, [abi.BPF_PROG_BIND_MAP]: bind_map }

/** As `bpf_prog_load_fixup_attach_type`: 0 means the first of a type's own. */
const attachTypeOf = (attr: Attr, type: number): number => {
  const given = attr.number('expected_attach_type')
  if (given !== 0) return given
  if (type === abi.BPF_PROG_TYPE_CGROUP_SOCK) return abi.BPF_CGROUP_INET_SOCK_CREATE
  return type === abi.BPF_PROG_TYPE_SK_REUSEPORT ? abi.BPF_SK_REUSEPORT_SELECT : 0
}
