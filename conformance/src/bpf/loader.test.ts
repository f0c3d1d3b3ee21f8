/** Object files loaded as libbpf does it, by bpf(2) alone: types, maps, first values, programs, links. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import type { BpfObject, MapSpec, ProgramSpec } from '@lsmkit/bpf'
import { encodeCode } from '@lsmkit/bpf/insn'
import { openObject } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import { expect, test } from 'vitest'
import { bootBpf, bytes32 } from './syscall-world.ts'

type World = ReturnType<typeof bootBpf>
const { BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE } = abi
const LDDW = 0x18

const must = (rc: number): number => {
  if (rc < 0) throw new Error(abi.errnoName(rc))
  return rc
}

const createMap = ({ call, element }: World, spec: MapSpec, btf_fd: number): number => {
  const types = spec.valueTypeId !== 0 && spec.keyTypeId !== 0
    ? { btf_fd, btf_key_type_id: spec.keyTypeId, btf_value_type_id: spec.valueTypeId } : {}
  const fd = must(call(abi.BPF_MAP_CREATE, {
    map_type: spec.type, key_size: spec.keySize, value_size: spec.valueSize, max_entries: spec.maxEntries,
    map_flags: spec.flags, map_name: spec.name.replaceAll(/[^\w.]/g, '_'), ...types,
  }))
  if (spec.data !== null) must(element(abi.BPF_MAP_UPDATE_ELEM, fd, new Uint8Array(4), spec.data))
  if (spec.frozen) must(call(abi.BPF_MAP_FREEZE, { map_fd: fd }))
  return fd
}

/** The instructions with descriptors in the place of numbers of maps. */
const instructions = ({ code }: ProgramSpec, maps: readonly number[]): Uint8Array => {
  const imm = code.imm.slice()
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== LDDW) continue
    const src = code.src[slot]
    if (src === BPF_PSEUDO_MAP_FD || src === BPF_PSEUDO_MAP_VALUE) imm[slot] = maps[imm[slot]!]!
    slot++
  }
  return encodeCode({ ...code, imm })
}

const loadProgram = (
  { call }: World, object: BpfObject, program: ProgramSpec, maps: readonly number[], prog_btf_fd: number,
) => {
  const log_buf = new Uint8Array(1 << 16)
  const rc = call(abi.BPF_PROG_LOAD, {
    prog_type: program.type, expected_attach_type: program.expectedAttachType, attach_btf_id: program.attachBtfId,
    prog_flags: program.sleepable ? abi.BPF_F_SLEEPABLE : 0, prog_name: program.name.slice(0, 15),
    insns: instructions(program, maps), insn_cnt: program.code.length, license: object.license, prog_btf_fd,
    func_info: bytes32(...program.subprograms.flatMap(({ start, typeId }) => [start, typeId])),
    func_info_rec_size: 8, func_info_cnt: program.subprograms.length, log_level: 1, log_size: log_buf.length, log_buf,
  })
  return { rc, log: new TextDecoder().decode(log_buf).replace(/\0[^]*/, '') }
}

const load = (name: string) => {
  const world = bootBpf()
  const file = readFileSync(new URL(`../../../packages/bpf/objects/${name}.o`, import.meta.url))
  const object = openObject(file, { name, kernelBtf: vmlinuxBtf() })
  const section = object.btf!.section
  const btf = must(world.call(abi.BPF_BTF_LOAD, { btf: section, btf_size: section.length }))
  const maps = object.maps.map((spec) => createMap(world, spec, btf))
  const programs = object.programs.map((program) => ({ program, ...loadProgram(world, object, program, maps, btf) }))
  return { ...world, object, maps, programs, btf }
}

test.each(['deflector', 'detector'])('%s: every program is accepted as from the file', (name) => {
  const { programs, object, panics, call } = load(name)
  for (const { program, rc, log } of programs) {
    expect([program.name, rc >= 0, log]).toEqual([program.name, true, expect.stringContaining('processed ')])
    const { processed } = verify(program, { object, kernelBtf: vmlinuxBtf() })
    const info: Record<string, unknown> = {}
    call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: rc, info })
    expect(info).toMatchObject({ name: program.name.slice(0, 15), verified_insns: processed, gpl_compatible: 1 })
  }
  expect(panics).toEqual([])
})

test('the deflector refuses writes to executables while its links are open, and counts them', () => {
  const { programs, object, maps, call, sys, init, lsm, ids } = load('deflector')
  sys.close(init, must(sys.openat(init, abi.AT_FDCWD, '/tmp/x', abi.O_CREAT | abi.O_WRONLY, 0o755)))
  const write = () => sys.openat(init, abi.AT_FDCWD, '/tmp/x', abi.O_WRONLY, 0)
  const link = must(call(abi.BPF_RAW_TRACEPOINT_OPEN, { prog_fd: programs[0]!.rc }))
  expect(write()).toBe(-abi.EPERM)
  const at = object.maps.findIndex(({ symbol }) => symbol === 'denials')
  const info: { id?: number } = {}
  call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: maps[at], info })
  expect([...lsm.map(info.id!)!.values()]).toEqual([1n])
  for (const { rc } of programs) sys.close(init, rc)
  for (const fd of maps) sys.close(init, fd)
  expect(write()).toBe(-abi.EPERM)
  sys.close(init, link)
  expect(write()).toBeGreaterThanOrEqual(0)
  expect(ids(abi.BPF_MAP_GET_NEXT_ID)).toEqual([])
})

test('func_info that does not fit is refused with the sentence of the kernel', () => {
  const { call, object, maps, btf, programs: [first] } = load('deflector')
  const { program } = first!
  const { typeId } = program.subprograms[0]!
  const log_buf = new Uint8Array(4096)
  const attempt = (info: readonly number[], size = 8): [string, string] => {
    log_buf.fill(0)
    const rc = call(abi.BPF_PROG_LOAD, {
      prog_type: program.type, expected_attach_type: program.expectedAttachType, attach_btf_id: program.attachBtfId,
      insns: instructions(program, maps), insn_cnt: program.code.length, license: object.license, prog_btf_fd: btf,
      func_info: bytes32(...info), func_info_rec_size: size, func_info_cnt: info.length * 4 / size,
      log_level: 1, log_size: log_buf.length, log_buf,
    })
    return [abi.errnoName(rc), new TextDecoder().decode(log_buf).split('\n')[0]!]
  }
  expect(attempt([1, typeId])).toEqual(['EINVAL', 'nonzero insn_off 1 for the first func info record'])
  expect(attempt([0, 0])).toEqual(['EINVAL', 'invalid type id 0 in func info'])
  expect(attempt([0, typeId], 4)).toEqual(['EINVAL', 'invalid func info rec size 4'])
  expect(attempt([0, typeId, 0, typeId])).toEqual([
    'EINVAL', 'same or smaller insn offset (0) than previous func info record (0)',
  ])
  expect(attempt([0, typeId, 3, typeId])).toEqual([
    'EINVAL', "number of funcs in func_info doesn't match number of subprogs",
  ])
})
