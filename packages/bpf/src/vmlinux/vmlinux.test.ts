/** Our kernel's types: their places are core's, and everything a program attaches to is there. */
import { hookDefs, objectKinds } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { retyped } from './structs.ts'
import { kernelStructs, vmlinuxBtf } from './vmlinux.ts'

const types = vmlinuxBtf()

test.each(objectKinds)('struct $struct has the members of core at their natural places, without overlaps', (kind) => {
  const id = types.find(kind.struct, 'struct')
  const own = types.members(id).filter(({ name }) => !name.startsWith('__'))
  // behind core's come those that only programs look at
  const names = Object.keys(kind.table).filter((name) => retyped[`${kind.struct}.${name}`] !== null)
  expect(own.slice(0, names.length).map(({ name }) => name)).toEqual(names)
  let end = 0
  for (const { name, bitOffset, bitSize, type } of own) {
    // bits share a word
    if (bitSize > 0) continue
    expect([name, (bitOffset / 8) % types.align(type)]).toEqual([name, 0])
    expect(bitOffset / 8).toBeGreaterThanOrEqual(end)
    end = bitOffset / 8 + types.size(type)
    expect(kernelStructs()[kind.struct]!.fields[name]).toEqual({ offset: bitOffset / 8, size: types.size(type) })
  }
  expect(types.size(id)).toBeGreaterThanOrEqual(end)
})

test.each(Object.entries(hookDefs))('bpf_lsm_%s has the prototype of the table', (name, { ret, params, nparams }) => {
  const proto = types.proto(types.find(`bpf_lsm_${name}`, 'func'))!
  expect(types.proto(types.find(`security_${name}`, 'func'))).toEqual(proto)
  expect(proto.params).toHaveLength(nparams)
  expect(proto.type === 0).toBe(ret === 'void')
  const names = params === '' ? [] : params.split(',').map((text) => /(\w+)(\[\])?$/.exec(text.trim())![1])
  expect(proto.params.map((param) => param.name)).toEqual(names)
})

test('kfuncs of LSM programs are there, those of test modules are not', () => {
  expect(types.find('bpf_get_task_exe_file', 'func')).toBeGreaterThan(0)
  expect(types.find('bpf_path_d_path', 'func')).toBeGreaterThan(0)
  expect(types.find('bpf_kfunc_call_test1', 'func')).toBe(0)
})

test('ids are structs of one number, as programs compiled for Linux expect', () => {
  const cred = types.members(types.find('cred', 'struct'))
  const uid = cred.find(({ name }) => name === 'uid')!
  expect(types.name(uid.type)).toBe('kuid_t')
  expect(types.members(uid.type).map(({ name }) => name)).toEqual(['val'])
})

test('a socket begins with what all kinds of sockets have, and each member of it is reached by its own place', () => {
  const sock = types.members(types.find('sock', 'struct'))
  expect(sock[0]).toMatchObject({ name: '__sk_common', bitOffset: 0 })
  const end = types.size(sock[0]!.type) * 8
  for (const { bitOffset } of sock.slice(1)) expect(bitOffset).toBeGreaterThanOrEqual(end)
})

test('each struct that a hook hands over has members', () => {
  const declared = Object.keys(hookDefs).flatMap((hook) =>
    types.proto(types.find(`bpf_lsm_${hook}`, 'func'))!.params.flatMap(({ name, type }) => {
      const pointer = types.resolved(type)
      const to = pointer.kind === 'ptr' ? types.resolved(pointer.type) : pointer
      return to.kind === 'fwd' ? [`${hook} ${name}: ${to.name}`] : []
    }))
  // a pointer with a bit of its own, which no kernel defines
  expect(declared).toEqual(['key_permission key_ref: __key_reference_with_attributes'])
})

test('a raw tracepoint has words without end', () => {
  const [args] = types.members(types.find('bpf_raw_tracepoint_args', 'struct'))
  expect(args).toMatchObject({ name: 'args', bitOffset: 0 })
  expect(types.resolved(args!.type)).toMatchObject({ kind: 'array', length: 0 })
})
