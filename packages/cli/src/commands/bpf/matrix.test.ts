/** `lsm bpf verify --kernel`: the table, the documents, types from files, folders and archives, and exit codes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { kernelReleases } from '@lsmkit/bpf/kernels'
import { vmlinuxBytes } from '@lsmkit/bpf/vmlinux'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { kernelNames } from './release-names.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-matrix-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const object = (name: string): string => fileURLToPath(new URL(`../../../../bpf/objects/${name}.o`, import.meta.url))
const verify = (...args: readonly string[]) => lsm(['bpf', 'verify', ...args], { cwd })

/** One file of a ustar archive, without a checksum, which nobody asks for. */
const tarFile = (name: string, bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(bytes.length.toString(8).padStart(11, '0'), 124)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** An archive by xz with `6.1.0-1-amd64.btf`, which holds the type `int` alone. */
const REDUCED = [
  '/Td6WFoAAATm1rRGBMCKAYBQIQEWAAAAAAAAAC2WbSXgJ/8Agl0AGwuCh2Ff53utvA64DgQFsZo2Tuw2gjWnes+ITcKTwW7GO1rz',
  'iopSSagZnQYoHlOBDDQ35EWicC5edWtn3P3bRFyKt5sob4Ffz27Zld8BYAnvJQb8Ww7RoaehY4oXDfItceXuLWCFCojEvj2uI+uR',
  '9gNzt91gCAHR3WVcc4+q3RsAAAAAAOHnkwGXNBkmAAGmAYBQAAAVl5WwscRn+wIAAAAABFla',
].join('')

const ours = vmlinuxBytes()
writeFileSync(join(cwd, 'ours.btf'), ours)
mkdirSync(join(cwd, 'types'))
writeFileSync(join(cwd, 'types/6.1.btf'), ours)
writeFileSync(join(cwd, 'types/6.12.9-1.btf'), ours.subarray(0, 10))
writeFileSync(join(cwd, 'types/6.12.10-1.btf'), ours)
writeFileSync(join(cwd, 'all.tar.gz'),
  gzipSync(Buffer.concat([tarFile('x/6.1.0-1.btf', ours), tarFile('6.12.btf', ours), Buffer.alloc(1024)])))
writeFileSync(join(cwd, 'reduced.btf.tar.xz'), Buffer.from(REDUCED, 'base64'))
writeFileSync(join(cwd, 'damaged.tar.xz'), Buffer.from(REDUCED, 'base64').subarray(0, 90))

interface Document {
  readonly programs: readonly {
    readonly object: string
    readonly name: string
    readonly kernels: readonly { kernel: string, verdict: string, processed: number, reason: string | null }[]
  }[]
}

test('the releases of the option are those with tables', () => {
  expect(kernelNames).toEqual(kernelReleases)
})

describe('the table', () => {
  test('has 80 columns, a row a program and a column a release', async () => {
    const { code, stdout } = await verify('--kernel', 'all', '--btf', 'ours.btf', object('everything'))
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines[0]).toMatch(/ 5\.15 +6\.1 +6\.6 +6\.12 +6\.18 +7\.3$/)
    expect(lines.find((line) => line.startsWith('  calls'))).toMatch(/ refused +\d+ +\d+ +\d+ +\d+ +\d+$/)
    expect(stdout).toMatch(/calls on 5\.15:\n {2}.*#181\n {2}bpf_loop came with Linux 5\.17/)
    expect(stdout).toMatch(/programs on 6 kernels: \d+ accepted, 1 refused\n5\.15, 6\.6: unproven/)
    expect(code).toBe(1)
  })

  test('takes several objects', async () => {
    const { code, stdout } =
      await verify('--kernel', '6.1,6.12', '--btf', 'ours.btf', object('deflector'), object('detector'))
    expect(stdout).toMatch(/deflector[^]*deflect_open[^]*detector[^]*detect_open/)
    expect(code).toBe(0)
  })
})

const aNumber = expect.any(Number) as number

test('--json is the document of the contract', async () => {
  const { stdout, code } = await verify('--kernel', '5.15.3', '--kernel', '6.12', '--btf', 'ours.btf', '--json',
    '--program', 'calls', object('everything'))
  const { programs } = JSON.parse(stdout) as Document
  expect(programs).toEqual([{
    object: object('everything'), name: 'calls',
    kernels: [
      { kernel: '5.15', verdict: 'refused', processed: aNumber, reason: expect.any(String) as string },
      { kernel: '6.12', verdict: 'accepted', processed: aNumber, reason: null },
    ],
  }])
  expect(code).toBe(1)
})

describe('types', () => {
  const verdicts = async (...args: readonly string[]): Promise<string[]> => {
    const { stdout, stderr } = await verify('--json', '--program', 'deflect_open', ...args, object('deflector'))
    expect(stdout, stderr).not.toBe('')
    return (JSON.parse(stdout) as Document).programs[0]!.kernels.map(({ verdict }) => verdict)
  }

  test.each([
    ['a file is for all', 'ours.btf', ['accepted', 'accepted', 'accepted']],
    ['a folder has one a release, the newest of a series', 'types', ['accepted', 'unknown', 'accepted']],
    ['an archive too', 'all.tar.gz', ['accepted', 'unknown', 'accepted']],
    ['an archive of one file is for all', 'reduced.btf.tar.xz', ['unknown', 'unknown', 'unknown']],
  ] as const)('%s', async (_what, path, expected) => {
    expect(await verdicts('--kernel', '6.1,6.6,6.12', '--btf', path)).toEqual(expected)
  })

  test('reduced types hold no functions', async () => {
    const { stdout, code } = await verify('--kernel', '6.1', '--btf', 'reduced.btf.tar.xz', object('deflector'))
    expect(stdout).toMatch(/2 programs not judged on 6\.1:\n {2}its target is not in these types/)
    expect(code).toBe(3)
  })

  test('without types the way to some is shown, and the code is no success', async () => {
    const { code, stdout } = await verify('--kernel', '6.12', object('deflector'))
    expect([code, stdout]).toEqual([3, expect.stringMatching(/\/sys\/kernel\/btf\/vmlinux[^]*BTFHub/)])
  })

  test.each([
    ['nothing.btf', 3, /nothing\.btf.*cannot be read: ENOENT/], ['damaged.tar.xz', 3, /damaged\.tar\.xz. cannot be/],
    ['types/6.12.9-1.btf', 3, /6\.12\.9-1\.btf/],
  ] as const)('%s ends with %i', async (path, code, message) => {
    const { code: ended, stderr } = await verify('--kernel', '6.12', '--btf', path, object('deflector'))
    expect([ended, stderr]).toEqual([code, expect.stringMatching(message)])
  })

  test('a folder without the release asked for', async () => {
    const { code, stderr } = await verify('--kernel', '7.3', '--btf', 'types', object('deflector'))
    expect([code, stderr]).toEqual([3, expect.stringMatching(/types of none of these kernels: 7\.3[^]*RELEASE\.btf/)])
  })
})

describe('reports', () => {
  const report = async (name: string): Promise<string> =>
    (await verify('--kernel', '5.15,6.12', '--btf', 'ours.btf', '--reporter', name, object('everything'))).stdout

  test('junit has a case a program and release', async () => {
    const text = await report('junit')
    expect(text).toMatch(/tests="8" failures="1"/)
    expect(text).toMatch(/calls \(lsm\.s\/file_open\) on 5\.15/)
  })

  test('sarif and github name the rule and the advice', async () => {
    expect(await report('sarif')).toMatch(/bpf\/refused[^]*bpf_loop came with/)
    expect(await report('github')).toMatch(/^::error.*Linux 5\.15 refuses calls/m)
  })

  test('a run that fails is reported as well', async () => {
    const { stdout, code } =
      await verify('--kernel', '6.12', '--btf', 'nothing.btf', '--reporter', 'junit', object('deflector'))
    expect([code, stdout]).toEqual([3, expect.stringMatching(/failures="1"[^]*nothing\.btf/)])
  })
})

test.each([
  [['--kernel', '6.13'], 2, /none of 5\.10/], [['--kernel', ''], 2, /none of/],
  [['--kernel', '6.12', '--program', 'nosuch', '--btf', 'ours.btf'], 2, /nosuch/],
] as const)('%o ends with %i', async (args, code, message) => {
  const { code: ended, stderr } = await verify(...args, object('deflector'))
  expect([ended, stderr]).toEqual([code, expect.stringMatching(message)])
})

test('without --kernel several objects are judged too', async () => {
  const { code, stdout } = await verify('--json', object('deflector'), object('detector'))
  const { programs } = JSON.parse(stdout) as Document
  expect([code, programs.map(({ name }) => name)])
    .toEqual([0, ['deflect_open', 'deflect_exec', 'detect_open', 'detect_exec']])
  expect(programs.map((one) => one.object)).toContain(object('detector'))
})

test('types writes a header or BTF', async () => {
  expect((await lsm(['bpf', 'types'], { cwd })).stdout).toMatch(/^#ifndef __VMLINUX_H__[^]*struct task_struct \{/)
  expect((await lsm(['bpf', 'types', '--format', 'btf', '--output', 'written.btf'], { cwd })).code).toBe(0)
  expect((await verify('--btf', 'written.btf', object('deflector'))).code).toBe(0)
  expect((await lsm(['bpf', 'types', '--format', 'json'], { cwd })).code).toBe(2)
})
