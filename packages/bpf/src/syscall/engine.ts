/** The engine behind a kernel's bpf(2): `bootKernel({ stack, bpf: () => lsm.engine(stack) })`. */
import {
  BPF_MAP_TYPE_CGRP_STORAGE, BPF_MAP_TYPE_INODE_STORAGE, BPF_MAP_TYPE_SK_STORAGE, BPF_MAP_TYPE_STRUCT_OPS,
  BPF_MAP_TYPE_TASK_STORAGE, E2BIG, EINVAL, ENOMEM,
} from '@lsmkit/abi'
import type {
  BpfEngine, EngineMap, MapRequest, ProgramRequest, ProgramVerdict, Stack,
} from '@lsmkit/core'
import { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { BpfCore } from '../lsm/bpf-core.ts'
import { BpfLoadError } from '../lsm/load-error.ts'
import { loadedProgram } from '../lsm/loaded-object.ts'
import { verificationOf } from '../lsm/verify-program.ts'
import { createMap } from '../maps/create-map.ts'
import { checkMapParams } from '../maps/map-params.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import { isGplCompatible } from '../verifier/session.ts'
import { verify } from '../verifier/verify.ts'
import { BpfMemoryError } from '../vm/memory-error.ts'
import { SyscallMap } from './engine-map.ts'
import { SyscallProgram } from './engine-program.ts'
import { assemble, SyscallBtf } from './program-request.ts'

const specOf = (request: MapRequest): MapSpec => ({
  name: request.name,
  symbol: request.name,
  type: request.map_type,
  keySize: request.key_size,
  valueSize: request.value_size,
  maxEntries: request.max_entries,
  flags: request.map_flags,
  extra: BigInt(request.map_extra),
  pinning: 0,
  keyTypeId: request.btf_key_type_id,
  valueTypeId: request.btf_value_type_id,
  data: null,
  frozen: false,
  isMasked: !request.bypass_spec_v1,
  inner: request.inner instanceof SyscallMap ? request.inner.map.spec : null,
  slots: new Map(),
  structOpsTypeId: 0,
  types: request.btf instanceof SyscallBtf ? request.btf.btf : null,
})

/** -errno of what making something threw; a bug is thrown on. */
const errnoOf = (error: unknown): number => {
  if (error instanceof BpfMemoryError) return -ENOMEM
  if (error instanceof BpfLoadError) return error.errno
  if (error instanceof BpfError) return error.errno !== 0 ? error.errno : -EINVAL
  throw error
}

/** Structs of those that maps keep values for. */
const OWNERS: Readonly<Record<number, string>> = {
  [BPF_MAP_TYPE_INODE_STORAGE]: 'inode', [BPF_MAP_TYPE_TASK_STORAGE]: 'task_struct',
  [BPF_MAP_TYPE_SK_STORAGE]: 'sock',
}

/** As `map_check_btf`: types that are there and have the map's sizes. */
const checkTypes = ({ types, keyTypeId, valueTypeId, keySize, valueSize }: MapSpec): boolean => {
  if (!types) return true
  const isOf = (id: number, size: number): boolean => id < types.count && types.size(id) === size
  return isOf(valueTypeId, valueSize) && (keyTypeId === 0 || isOf(keyTypeId, keySize))
}

const createSyscallMap = (core: BpfCore, stack: Stack, request: MapRequest): EngineMap | number => {
  const { programBuilder } = core
  const { memory } = programBuilder.machine
  const spec = specOf(request)
  core.follow(stack)
  try {
    if (!checkTypes(spec)) return -EINVAL
    const before = programBuilder.maps.used
    const map = createMap(spec, { space: programBuilder.maps, types: spec.types ?? null })
    const addressOf = request.map_type === BPF_MAP_TYPE_CGRP_STORAGE
      ? core.groupAddress
      : (owner: object): number => core.objects.pointerTo(owner, OWNERS[request.map_type] ?? '')
    return new SyscallMap(map, memory, addressOf, programBuilder.maps.used - before)
  } catch (error) {
    return errnoOf(error)
  }
}

const loadBtf = (bytes: Uint8Array) => {
  try {
    return { errno: 0, log: '', btf: new SyscallBtf(new Btf(bytes), false) }
  } catch (error) {
    const errno = errnoOf(error)
    return { errno, log: `${(error as Error).message}\n`, btf: null }
  }
}

const loadProgram = (core: BpfCore, stack: Stack, request: ProgramRequest): ProgramVerdict => {
  const { kernelBtf, programBuilder } = core
  const assembled = assemble(request, kernelBtf)
  if ('log' in assembled) return { ...assembled, program: null }
  const { object, spec, maps } = assembled
  const opened = programBuilder.assemble(object, maps, kernelBtf)
  const logLevel = request.log_level & 7
  const { rights } = request
  const { ok, errno, log, processed, aux } = verify(spec, { object, kernelBtf, logLevel, flags: spec.flags, rights })
  if (!ok || aux === null) return { errno, log, program: null }
  for (const what of opened.missing(spec).values()) {
    return { errno: -EINVAL, log: `${log}${what} does not run on this kernel\n`, program: null }
  }
  const verification = verificationOf(log, processed, aux)
  try {
    const loaded = loadedProgram(core, stack, opened, spec, verification)
    return { errno: 0, log, program: new SyscallProgram(core, loaded, isGplCompatible(object.license)) }
  } catch (error) {
    return { errno: errnoOf(error), log: `${log}${(error as Error).message}\n`, program: null }
  }
}

export const syscallEngine = (core: BpfCore, stack: Stack): BpfEngine => ({
  vmlinux: new SyscallBtf(core.kernelBtf, true),
  checkMap: (request) => {
    if (request.map_type === BPF_MAP_TYPE_STRUCT_OPS) return -EINVAL
    const rc = checkMapParams(specOf(request))
    // found out only when it is made, after the caller's rights
    return rc === -E2BIG || rc === -ENOMEM ? 0 : rc
  },
  createMap: (request) => createSyscallMap(core, stack, request),
  loadBtf,
  loadProgram: (request) => loadProgram(core, stack, request),
})
