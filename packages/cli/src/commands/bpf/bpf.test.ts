/** `lsm bpf`: what it prints and how it ends, on the objects of this repository. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AT_FDCWD, EPERM, O_CREAT, O_RDONLY, O_WRONLY, SYS_setuid } from '@lsmkit/abi'
import { bootKernel } from '@lsmkit/kernel'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { callProgram } from '../../../test/wasm.ts'
import { composeStack } from '../../modules.ts'
import { attachObjects, bpfModule } from '../../run/bpf-objects.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-bpf-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const object = (name: string): string => fileURLToPath(new URL(`../../../../bpf/objects/${name}.o`, import.meta.url))
const file = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(cwd, name), bytes)
  return name
}
const bpf = (...args: readonly string[]) => lsm(['bpf', ...args], { cwd })
const json = async (...args: readonly string[]) =>
  JSON.parse((await bpf(...args, '--json')).stdout) as Record<string, never>

const quiet = file('quiet.wasm', callProgram(SYS_setuid, [0]))
const asRoot = ['--syscalls', '--uid', '0']

test('dump tells programs, maps, externs and what the kernel lacks', async () => {
  const { code, stdout } = await bpf('dump', object('everything'))
  expect(code).toBe(0)
  expect(stdout).toMatch(/calls +lsm\.s\/file_open +lsm +lsm_mac +82 +each global_sum twice/)
  expect(stdout).toMatch(/outer +array_of_maps +4 +4 +3/)
  expect(stdout).toMatch(/core_kinds\+\d+: `inode___with_more.i_no_such_member`: the kernel's type does not have it/)
  expect(await json('dump', object('detector'))).toMatchObject({
    schema: 1, license: 'Dual MIT/GPL', programs: [
      { name: 'detect_open', attachTo: 'file_open' }, { name: 'detect_exec' },
    ],
  })
})

test('maps tells types and first values', async () => {
  const { stdout } = await bpf('maps', object('deflector'))
  expect(stdout).toMatch(/denials +hash +u32 +u64 +1024/)
  expect(stdout).toMatch(/ {2}rules {2}1/)
  expect(await json('maps', object('everything'))).toMatchObject({
    maps: expect.arrayContaining(
      [expect.objectContaining({ name: '.rodata', frozen: true, variables: { limit: 7, greeting: 'hello' } })],
    ) as never,
  })
})

test('disasm prints linked instructions under their source', async () => {
  const { stdout } = await bpf('disasm', object('deflector'), '--program', 'deflect_exec')
  expect(stdout).toMatch(
    /^; if \(mnt->mnt_flags & MNT_READONLY\)\n\d+: \(61\) r\d = \*\(u32 \*\)\(r\d \+16\) {3}<- mount\.mnt_flags: read before the program begins$/m,
  )
  expect(stdout).toMatch(/\(18\) r\d = map\[\.data\]\[0\]\+0/)
  expect(stdout).not.toMatch(/deflect_open/)
  expect((await bpf('disasm', object('deflector'), '--no-source')).stdout).not.toMatch(/^;/m)
})

describe('verify', () => {
  test('accepts our objects, with the log that is asked for', async () => {
    const { code, stdout } = await bpf('verify', object('detector'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^detect_open \(lsm\/file_open\): accepted, \d+ instructions walked/)
    expect((await bpf('verify', '--log-level', '2', object('detector'))).stdout).toMatch(/R1=ctx\(\) R10=fp0/)
    expect((await bpf('verify', '--log-level', '7', object('detector'))).code).toBe(2)
  })

  test('answers for a loader with the capabilities that are told', async () => {
    const [one] = (await json('verify', '--caps', '=', object('detector'))).programs as { errno: string; log: string }[]
    expect(one).toMatchObject({ errno: 'EPERM', log: expect.stringMatching(/are for loaders with CAP_BPF\n/) })
    const { stdout } = await bpf('verify', '--caps', 'cap_bpf=ep', object('detector'))
    expect(stdout).toMatch(/are for loaders with CAP_PERFMON/)
    expect((await bpf('verify', '--caps', 'cap_bpf,cap_perfmon=ep', object('detector'))).code).toBe(0)
    expect((await bpf('verify', '--caps', 'cap_sys_admin=ep', object('detector'))).code).toBe(0)
    expect((await bpf('verify', '--caps', 'cap_pbf=ep', object('detector'))).code).toBe(2)
  })

  test('an object for another kernel is refused with the reason, and the command ends with 1', async () => {
    const empty = Uint8Array.of(0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
    const { code, stdout } = await bpf('verify', '--btf', file('empty.btf', empty), object('detector'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/detect_open .*: refused/)
    expect(stdout).toMatch(/was poisoned: `file.f_flags`: the kernel has no such type/)
    const sarif = await bpf('verify', '--btf', 'empty.btf', object('detector'), '--reporter', 'sarif')
    expect(JSON.parse(sarif.stdout).runs[0].results[0]).toMatchObject({
      ruleId: 'bpf/refused', message: { text: expect.stringMatching(/^detect_open .* is refused \(E\w+\): \S/) },
    })
  })
})

/** The object with a name in it changed to one of the same length. */
const renamed = (from: string, to: string, as: string): string => {
  const text = readFileSync(object('deflector')).toString('latin1')
  return file(as, Buffer.from(text.replaceAll(from, to), 'latin1'))
}

test('verify suggests the hook that was meant', async () => {
  const { code, stdout } = await bpf('verify', renamed('lsm/file_open', 'lsm/file_opne', 'opne.o'))
  expect(code).toBe(1)
  expect(stdout).toContain('did you mean `lsm/file_open`?')
})

test('verify warns of an object without BTF', async () => {
  const { stderr } = await bpf('verify', renamed('.BTF', '.XTF', 'plain.o'))
  expect(stderr).toContain('plain.o: warning: the object has no BTF')
})

test('a program that the object does not have is wrong usage', async () => {
  expect((await bpf('verify', '--program', 'nosuch', object('deflector'))).code).toBe(2)
})

test('load tells what went where', async () => {
  const told = await json('load', object('deflector'))
  expect(told).toMatchObject({
    programs: [{ name: 'deflect_open', hook: 'file_open' }, { name: 'deflect_exec', hook: 'bprm_check_security' }],
    maps: [{ name: 'denials', entries: 1024 }, { name: '.data' }],
  })
})

describe('the deflector', () => {
  test('refuses to write what may be executed, counts it, and lets go when its rules change', async () => {
    const notes: string[] = []
    const io = { note: (line: string) => void notes.push(line), cwd } as unknown as Parameters<typeof bpfModule>[0]
    const module = bpfModule(io)
    const stack = await composeStack({}, {}, [module])
    const { sys, init } = bootKernel({ stack })
    stack.current.task = init
    const [loaded] = attachObjects(io, module, stack, [object('deflector')])
    expect(sys.openat(init, AT_FDCWD, '/tool', O_CREAT | O_WRONLY, 0o755)).toBe(-EPERM)
    expect(sys.openat(init, AT_FDCWD, '/tool', O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
    expect(sys.openat(init, AT_FDCWD, '/text', O_CREAT | O_WRONLY, 0o644)).toBeGreaterThanOrEqual(0)
    expect(loaded!.maps.get('denials')!.get(1)).toBe(1n)
    loaded!.maps.get('.data')!.set(0, { rules: 0 })
    expect(sys.openat(init, AT_FDCWD, '/tool', O_WRONLY, 0)).toBeGreaterThanOrEqual(0)
    expect([stack.denial?.lsm, stack.denial?.hook, notes]).toEqual(['bpf', 'file_open', []])
  })

  test('refuses to execute from a file system that can be written, when it is asked to', async () => {
    const { code, stderr } = await bpf('run', '--set', 'rules=2', ...asRoot, object('deflector'), quiet)
    expect(code).toBe(126)
    expect(stderr).toMatch(/refused by bprm_check_security bpf, once/)
    expect((await lsm(['run', ...asRoot, '--bpf', object('deflector'), quiet], { cwd })).code).toBe(0)
  })
})

test('the detector tells opens and executions as they happen', async () => {
  const { code, stderr } = await bpf('trace', ...asRoot, object('detector'), quiet)
  expect(code).toBe(0)
  const paths = [
    ...stderr.matchAll(/events: \{ kind: (\d), .*path: "([^"]+)" \}/g),
  ].map(([, kind, path]) => `${kind} ${path}`)
  expect(paths).toEqual(['1 /usr/bin/quiet.wasm', '2 /usr/bin/quiet.wasm'])
})

describe('what an object leaves to its loader', () => {
  const given = ['--inner-map', 'rules=array:4,8,1', '--map', 'sized_later:max_entries=4', '--hook',
    'lsm/generic=file_open', '--hook', 'lsm=bprm_check_security']

  test('verify judges what it can, warns of maps, and names the options', async () => {
    const { code, stdout, stderr } = await bpf('verify', object('settings'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/generic \(lsm\/generic\): refused[^]*--hook lsm\/generic=file_open/)
    expect(stderr).toContain('--inner-map rules=hash:4,8,16')
    expect(stderr).toContain('--map sized_later:max_entries=1024')
    const taken = await bpf('verify', ...given, object('settings'))
    expect([taken.code, taken.stderr]).toEqual([0, ''])
  })

  test('why and load and run take the same options', async () => {
    expect((await bpf('why', object('settings'))).stdout).toContain('--map sized_later:max_entries=1024')
    expect(await bpf('why', ...given, object('settings'))).toMatchObject({ code: 0, stderr: '' })
    const told = await json('load', ...given, object('settings'))
    expect(told).toMatchObject({ programs: [{ hook: 'file_open' }, { hook: 'bprm_check_security' }] })
    const deny = ['mode=MODE_DENY', 'label=dev', 'least=0', 'key=1,2,3,4', 'uids=5,0', 'mask=1', 'limits={"bytes": 1}']
      .flatMap((word) => ['--set', word])
    const asked = (more: readonly string[]) => bpf('run', ...given, ...more, ...asRoot, object('settings'), quiet)
    expect([(await asked([])).code, (await asked(deny)).code]).toEqual([0, 126])
    const run = await lsm(['run', '--bpf', object('settings'), ...given, ...deny, ...asRoot, quiet], { cwd })
    expect(run.code).toBe(126)
  })

  test('maps shows an object as it would be loaded', async () => {
    const { stdout } = await bpf('maps', ...given, '--set', 'mode=MODE_DENY', object('settings'))
    expect(stdout).toMatch(/sized_later +hash +u32 +u64 +4/)
    expect(stdout).toMatch(/of array/)
    expect(stdout).toMatch(/ {2}mode +7/)
  })
})

describe('what cannot be used', () => {
  test.each([
    { args: ['dump', 'nowhere.o'], code: 3, says: /`nowhere.o` cannot be read: ENOENT/ },
    { args: ['dump', file('text.o', 'text')], code: 3, says: /`text.o`: does not begin with an ELF header/ },
    {
      args: ['verify', object('detector'), '--btf', 'text.o'], code: 3,
      says: /`text.o`: 4 bytes are too few for a BTF header/,
    },
    { args: ['disasm', object('detector'), '--program', 'detect_opem'], code: 2, says: /did you mean `detect_open`\?/ },
    { args: ['load', '--set', 'ruler=1', object('deflector')], code: 3, says: /there is no variable `ruler`/ },
    { args: ['load', '--set', 'rules', object('deflector')], code: 2, says: /`rules` is not of the form `VAR=VALUE`/ },
    { args: ['load', object('everything')], code: 3, says: /told_later: holds maps, but nothing shows which/ },
  ])('$args', async ({ args, code, says }) => {
    const result = await bpf(...args)
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(says)])
  })
})

test('trace says when nothing can come, and when the records are no such struct', async () => {
  const nothing = await bpf('trace', ...asRoot, object('deflector'), quiet)
  expect([nothing.code, nothing.stderr]).toEqual([0, expect.stringContaining('no ring buffer')])
  const unknown = await bpf('trace', '--event', 'nope', object('detector'), quiet)
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('no `struct nope`')])
})

test('a refusal tells how to see the log', async () => {
  const { code, stderr } = await bpf('load', object('lone'))
  expect([code, stderr]).toEqual([3, expect.stringContaining('lsm bpf verify --log-level 1 --program lone')])
})

describe('why', () => {
  test('programs that run here', async () => {
    const { code, stdout } = await bpf('why', object('detector'))
    expect([code, stdout]).toEqual([0, 'detect_open (lsm/file_open): runs here\n' +
      'detect_exec (lsm/bprm_check_security): runs here\n'])
  })

  test('programs that do not, and what they miss', async () => {
    const { code, stdout } = await bpf('why', object('everything'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/: verifies only\n {2}.*told_later/)
    const { programs } = await json('why', object('everything')) as unknown as
      { programs: { state: string, missing: string | null }[] }
    expect(programs.every(({ state, missing }) => (state === 'runs') === (missing === null))).toBe(true)
  })
})

test('verify --against our own types is what it does without', async () => {
  const own = await bpf('verify', object('deflector'))
  expect(await bpf('verify', '--against', 'ours', object('deflector'))).toEqual(own)
  expect((await bpf('verify', '--against', 'nowhere.btf', object('deflector'))).code).toBe(3)
})

test('a file that holds no program ends with 3', async () => {
  const elf = new Uint8Array(64)
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  const view = new DataView(elf.buffer)
  view.setUint16(16, 1, true)
  view.setUint16(18, 247, true)
  view.setUint32(20, 1, true)
  view.setUint16(52, 64, true)
  view.setUint16(58, 64, true)
  const name = file('empty.o', elf)
  for (const command of ['verify', 'why']) {
    const { code, stderr } = await bpf(command, name)
    expect([code, stderr]).toEqual([3, expect.stringContaining('empty.o')])
  }
  const { code } = await bpf('run', name, quiet)
  expect(code).toBe(3)
})

test('maps --after prints what maps hold when a program has run', async () => {
  const { code, stdout } = await bpf('maps', '--after', quiet, object('keeper'))
  // the status of the program, which may not become root
  expect(code).toBe(1)
  expect(stdout).toContain('next[1] = count_inode')
  expect(stdout).toMatch(/^by_inode\[inode \d+ of tmpfs\] = \d+$/m)
  expect(stdout).toMatch(/^by_task\[task \d+ \([^)]*\)\] = \d+$/m)
  expect(stdout).toMatch(/^events: \{ uid: \d+, comm: ".*" \}$/m)
  expect(stdout).toMatch(/^alarms\[0\]: timer of ring is due in 59\d+\.\d ms$/m)
  const { maps } = await json('maps', '--after', quiet, object('keeper')) as unknown as { maps: object[] }
  expect(maps).toContainEqual(expect.objectContaining({ name: 'next', entries: [['1', 'count_inode']], timers: [] }))
  expect((await bpf('maps', '--after', 'nowhere.wasm', object('keeper'))).code).toBe(127)
})

test('run --dump prints what is in a map at the end', async () => {
  const { stderr } = await bpf('run', '--dump', '.data', object('deflector'), quiet)
  expect(stderr).toContain('.data[0] = { rules: 1 }')
  const wrong = await bpf('run', '--dump', 'denial', object('deflector'), quiet)
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean `denials`?')])
})
