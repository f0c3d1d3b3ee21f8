/**
 * Maps, programs, types, links and tokens, which hooks receive. They count their users; after the last one, the hook
 * is called and the engine's part is freed, once the running call is over.
 */
import type { Holder } from '../host-memory.ts'
import { BPF_LINK_TYPE_CGROUP } from '@lsmkit/abi'
import type { BpfMap, BpfProg, BpfToken, UserNamespace } from '@lsmkit/core'
import type { EngineBtf, EngineLink, EngineMap, EngineProgram, MapRequest, ProgramRequest } from '@lsmkit/core'
import type { Cgroup } from '../cgroup/cgroup.ts'

export class KernelBtf {
  id = 0
  refs = 1
  readonly btf: EngineBtf

  constructor(btf: EngineBtf) {
    this.btf = btf
  }
}

export class KernelMap implements BpfMap {
  security: BpfMap['security'] = null
  id = 0
  readonly map_type: number
  readonly key_size: number
  readonly value_size: number
  readonly max_entries: number
  readonly map_flags: number
  readonly map_extra: number | bigint
  readonly name: string
  readonly btf_key_type_id: number
  readonly btf_value_type_id: number
  readonly engine: EngineMap
  readonly btf: KernelBtf | null
  /** Users, and those of them that are descriptors or pinned names. */
  refs = 1
  userRefs = 1
  frozen = false
  /** Objects in elements that user space sets by descriptor, by key in hexadecimal. */
  readonly held = new Map<string, KernelMap | KernelProg>()
  /** For a PROG_ARRAY: the program type that it takes, set by the first program that uses it. */
  owner_prog_type: number | null = null

  readonly memory: Holder

  /** The caller has charged `memory` for the engine's part. */
  constructor(request: MapRequest, engine: EngineMap, btf: KernelBtf | null, memory: Holder) {
    this.memory = memory
    this.map_type = request.map_type
    this.key_size = request.key_size
    this.value_size = request.value_size
    this.max_entries = request.max_entries
    this.map_flags = request.map_flags
    this.map_extra = request.map_extra
    this.name = request.name
    this.btf_key_type_id = request.btf_key_type_id
    this.btf_value_type_id = request.btf_value_type_id
    this.engine = engine
    this.btf = btf
  }
}

export class KernelProg implements BpfProg {
  security: BpfProg['security'] = null
  id = 0
  readonly type: number
  readonly expected_attach_type: number
  readonly sleepable: boolean
  readonly name: string
  readonly attach_btf_id: number
  readonly created_by_uid: number
  /** Nanoseconds since boot. */
  readonly load_time: number
  readonly token: KernelToken | null
  refs = 1
  /** The rest is set when it has been verified. */
  engine!: EngineProgram
  btf: KernelBtf | null = null
  maps: KernelMap[] = []
  memory: Holder | null = null

  constructor(
    request: ProgramRequest, sleepable: boolean, made: Pick<KernelProg, 'created_by_uid' | 'load_time' | 'token'>,
  ) {
    this.type = request.type
    this.expected_attach_type = request.expected_attach_type
    this.name = request.name
    this.attach_btf_id = request.attach_btf_id
    this.sleepable = sleepable
    this.created_by_uid = made.created_by_uid
    this.load_time = made.load_time
    this.token = made.token
  }
}

export class KernelLink {
  id = 0
  refs = 1
  /** BPF_LINK_TYPE_*. */
  readonly type: number
  readonly attach_type: number
  readonly cookie: number
  /** Links of groups may get another one. */
  prog: KernelProg
  readonly engine: EngineLink

  constructor(type: number, cookie: number, prog: KernelProg, engine: EngineLink) {
    this.type = type
    this.attach_type = prog.expected_attach_type
    this.cookie = cookie
    this.prog = prog
    this.engine = engine
  }
}

/** BPF_LINK_TYPE_CGROUP; the group is null once it is gone. */
export class CgroupLink extends KernelLink {
  cgroup: Cgroup | null

  constructor(prog: KernelProg, cgroup: Cgroup, engine: EngineLink) {
    super(BPF_LINK_TYPE_CGROUP, 0, prog, engine)
    this.cgroup = cgroup
  }
}

export class KernelToken implements BpfToken {
  security: BpfToken['security'] = null
  refs = 1
  readonly userns: UserNamespace
  readonly allowed_cmds: bigint
  readonly allowed_maps: bigint
  readonly allowed_progs: bigint
  readonly allowed_attachs: bigint

  constructor(userns: UserNamespace, allowed: Omit<BpfToken, 'security'>) {
    this.userns = userns
    this.allowed_cmds = allowed.allowed_cmds
    this.allowed_maps = allowed.allowed_maps
    this.allowed_progs = allowed.allowed_progs
    this.allowed_attachs = allowed.allowed_attachs
  }
}
