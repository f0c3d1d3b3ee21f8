/** From what BPF_PROG_LOAD hands over to an object of one program, as the verifier takes it. */
import { EINVAL, EPROTO } from '@lsmkit/abi'
import type { EngineMap, InfoRecords, ProgramRequest } from '@lsmkit/core'
import type { Btf } from '../btf/btf.ts'
import { decodeCode } from '../insn/code.ts'
import type { Code } from '../insn/code.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import type { BpfObject, MapSpec, ProgramSpec, SourceLine, Subprogram } from '../object/bpf-object.ts'
import { SyscallMap } from './engine-map.ts'

const LDDW = 0x18
const CALL = 0x85
const PSEUDO_CALL = 1
const PSEUDO_FUNC = 4
const PSEUDO_MAP_FD = 1
const PSEUDO_MAP_VALUE = 2
const PSEUDO_MAP_IDX = 5
const PSEUDO_MAP_IDX_VALUE = 6
const BPF_F_RDONLY_PROG = 1 << 7
const BPF_F_SLEEPABLE = 1 << 4
const GLOBAL = 1
const LARGEST_RECORD = 252

/** The assembled program, or a sentence for the log and the errno. */
export type Assembled =
  | { readonly object: BpfObject; readonly spec: ProgramSpec; readonly maps: readonly BpfMap[] }
  | { readonly errno: number; readonly log: string }

interface Named {
  readonly maps: readonly BpfMap[]
  readonly specs: readonly MapSpec[]
}

export const assemble = (request: ProgramRequest, kernelBtf: Btf): Assembled => {
  const code = decodeCode(request.insns)
  const btf = request.btf instanceof SyscallBtf ? request.btf.btf : null
  const subprograms = subprogramsOf(code, request.func_info, btf)
  if ('log' in subprograms) return subprograms
  const lines = linesOf(code, request.line_info, btf, subprograms.map(({ start }) => start))
  if ('log' in lines) return lines
  const named = nameMaps(code, request)
  if ('log' in named) return named
  const { attach_btf_id: id } = request
  const spec: ProgramSpec = {
    name: request.name,
    section: request.name,
    type: request.type,
    expectedAttachType: request.expected_attach_type,
    sleepable: (request.flags & BPF_F_SLEEPABLE) !== 0,
    flags: request.flags & ~BPF_F_SLEEPABLE,
    attachTo: id > 0 && id < kernelBtf.count ? kernelBtf.name(id) : null,
    attachBtfId: id,
    autoload: true,
    code,
    subprograms,
    lines,
    tags: tagsOf(btf, subprograms[0]!),
    poisoned: new Map(),
    broken: null,
  }
  const object: BpfObject = {
    name: request.name, license: request.license, maps: named.specs, programs: [spec], btf, externs: [],
  }
  return { object, spec, maps: named.maps }
}

/** Types that were loaded. */
export class SyscallBtf {
  readonly btf: Btf
  readonly isKernel: boolean

  constructor(btf: Btf, isKernel: boolean) {
    this.btf = btf
    this.isKernel = isKernel
  }

  get bytes(): Uint8Array {
    return this.btf.section
  }
}

/** Descriptors in 64-bit loads become places in the object's list of maps. */
const nameMaps = (code: Code, request: ProgramRequest): Named | ReturnType<typeof refused> => {
  const maps: SyscallMap[] = []
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== LDDW) continue
    const src = code.src[slot]!
    const imm = code.imm[slot]!
    const byIndex = src === PSEUDO_MAP_IDX || src === PSEUDO_MAP_IDX_VALUE
    if (byIndex || src === PSEUDO_MAP_FD || src === PSEUDO_MAP_VALUE) {
      const found: EngineMap | number = byIndex ? request.mapAt(imm) : request.mapOf(imm)
      code.src[slot] = src === PSEUDO_MAP_FD || src === PSEUDO_MAP_IDX ? PSEUDO_MAP_FD : PSEUDO_MAP_VALUE
      if (!(found instanceof SyscallMap)) return noMap(imm, found as number)
      code.imm[slot] = placeOf(maps, found)
    }
    slot++
  }
  return { maps: maps.map(({ map }) => map), specs: maps.map(specOf) }
}

/** As `resolve_pseudo_ldimm64` tells of it; an index without an array is told otherwise. */
const noMap = (fd: number, errno: number) =>
  refused(errno === -EPROTO ? 'fd_idx without fd_array is invalid' : `fd ${fd} is not pointing to valid bpf_map`, errno)

const placeOf = (maps: SyscallMap[], map: SyscallMap): number => {
  const at = maps.indexOf(map)
  return at >= 0 ? at : maps.push(map) - 1
}

/** Of a frozen map that programs cannot write the contents are constants. */
const specOf = (one: SyscallMap): MapSpec => {
  const { map } = one
  const frozen = map.frozen && (map.flags & BPF_F_RDONLY_PROG) !== 0
  return { ...map.spec, frozen, data: frozen ? one.contents : null }
}

const isFunction = (code: Code, slot: number): boolean =>
  (code.op[slot] === CALL && code.src[slot] === PSEUDO_CALL) ||
  (code.op[slot] === LDDW && code.src[slot] === PSEUDO_FUNC)

/** Where functions begin; targets outside are for the verifier to refuse. */
const startsOf = (code: Code): number[] => {
  const starts = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    const target = slot + code.imm[slot]! + 1
    if (isFunction(code, slot) && target >= 0 && target < code.length) starts.add(target)
    if (code.op[slot] === LDDW) slot++
  }
  return [...starts].sort((a, b) => a - b)
}

const refused = (log: string, errno = -EINVAL) => ({ errno, log: `${log}\n` })

const isRecordSize = (size: number, least: number): boolean =>
  size >= least && size <= LARGEST_RECORD && size % 4 === 0

/** As `check_btf_func`: one record a function, in the order of the code. */
const subprogramsOf = (
  code: Code, { bytes, size, count }: InfoRecords, btf: Btf | null,
): Subprogram[] | ReturnType<typeof refused> => {
  const starts = startsOf(code)
  if (count === 0 || btf === null) return starts.map((start) => ({ name: '', start, typeId: 0, isGlobal: false }))
  if (!isRecordSize(size, 8)) return refused(`invalid func info rec size ${size}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: Subprogram[] = []
  for (let index = 0; index < count; index++) {
    const [start, typeId] = [view.getUint32(index * size, true), view.getUint32(index * size + 4, true)]
    const before = found.at(-1)?.start ?? -1
    if (index === 0 && start !== 0) return refused(`nonzero insn_off ${start} for the first func info record`)
    if (start <= before) {
      return refused(`same or smaller insn offset (${start}) than previous func info record (${before})`)
    }
    const type = typeId > 0 && typeId < btf.count ? btf.type(typeId) : null
    if (type?.kind !== 'func') return refused(`invalid type id ${typeId} in func info`)
    found.push({ name: type.name, start, typeId, isGlobal: type.linkage === GLOBAL })
  }
  if (found.length !== starts.length) return refused("number of funcs in func_info doesn't match number of subprogs")
  if (found.some(({ start }, index) => start !== starts[index])) {
    return refused("func_info BTF section doesn't match subprog layout in BPF program")
  }
  return found
}

/** As `check_btf_line`: rising, at instructions, one where each function begins. */
const linesOf = (
  code: Code, { bytes, size, count }: InfoRecords, btf: Btf | null, starts: readonly number[],
): SourceLine[] | ReturnType<typeof refused> => {
  if (count === 0 || btf === null) return []
  if (!isRecordSize(size, 16)) return refused('')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: SourceLine[] = []
  let sub = 0
  for (let index = 0; index < count; index++) {
    const [slot, file, text, place] = [0, 4, 8, 12].map((at) => view.getUint32(index * size + at, true)) as [
      number, number, number, number,
    ]
    const before = found.at(-1)?.slot ?? 0
    if ((index > 0 && slot <= before) || slot >= code.length) {
      return refused(
        `Invalid line_info[${index}].insn_off:${slot} (prev_offset:${before} prog->len:${code.length})`)
    }
    if (code.op[slot] === 0) return refused(`Invalid insn code at line_info[${index}].insn_off`)
    const [fileName, lineText] = [textAt(btf, file), textAt(btf, text)]
    if (fileName === null || lineText === null) {
      return refused(`Invalid line_info[${index}].line_off or .file_name_off`)
    }
    if (starts[sub] === slot) sub++
    else if (sub < starts.length && starts[sub]! < slot) return refused(`missing bpf_line_info for func#${sub}`)
    found.push({ slot, file: fileName, text: lineText, line: place >>> 10, column: place & 0x3ff })
  }
  const missing = starts.length - sub
  return missing === 0 ? found : refused(`missing bpf_line_info for ${missing} funcs starting from func#${sub}`)
}

const textAt = (btf: Btf, offset: number): string | null => {
  try {
    return btf.text(offset)
  } catch {
    return null
  }
}

/** Declaration tags of the entry. */
const tagsOf = (btf: Btf | null, { typeId }: Subprogram): string[] =>
  btf === null || typeId === 0 ? [] : btf.tags(typeId).filter(({ component }) => component < 0).map(({ name }) => name)
