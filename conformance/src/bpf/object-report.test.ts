/** Suite bpf-object on the objects of this repository: what is told of each program, and of files that are none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Btf, BtfWriter } from '@lsmkit/bpf/btf'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { expect, test } from 'vitest'
import { reportObject } from './object-report.ts'
import type { ReportOptions } from './object-report.ts'

const file = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/bpf/objects/${name}.o`, import.meta.url))
const report = (path: string, options: Partial<ReportOptions> = {}) =>
  [...reportObject(path,
    { kernelBtf: vmlinuxBtf(), kconfig: undefined, changes: {}, ...options })]

test('every program of the detector loads, and what it cost is told', () => {
  const told = report(file('detector'))
  expect(told.map(({ program, verdict, errno }) => [program, verdict, errno])).toEqual([
    ['detect_open', 'success', null], ['detect_exec', 'success', null],
  ])
  for (const { processed, translated } of told) expect([processed > 10, translated > 100]).toEqual([true, true])
})

test('a map of maps needs a template: without one its object cannot be made', () => {
  const innerMaps = { told_later: { type: 2, keySize: 4, valueSize: 8, maxEntries: 1 } }
  expect(report(file('everything')).every(({ stage }) => stage === 'translate')).toBe(true)
  expect(report(file('everything'), { changes: { innerMaps } }).every((one) => one.verdict === 'success')).toBe(true)
})

test('a refusal names what an instruction needs, and the option that the object needs', () => {
  const option = report(file('settings')).map(({ log }) => /--\S+ \S+(?=`)/.exec(log)?.[0])
  expect(option).toEqual(['--hook lsm/generic=file_open', '--hook lsm=file_open'])
  const types = new BtfWriter()
  const ours = vmlinuxBtf()
  for (let id = 1; id < ours.count; id++) {
    const type = ours.type(id)
    types.add(type.name === 'file' ? { ...type, name: 'fyle' } : type)
  }
  const [opens] = report(file('detector'), { kernelBtf: new Btf(types.toBytes()) })
  expect(opens!.log).toMatch(/^instruction \d+ needs `file\.f_\w+`/)
})

test('sections without a type, and those that are told to stand for others', () => {
  const nowhere = (hooks: Readonly<Record<string, string>>) =>
    report(file('seldom'), { changes: { hooks } }).find(({ program }) => program === 'nowhere')
  expect(nowhere({})).toMatchObject({ verdict: 'failure', stage: 'link' })
  expect(nowhere({ no_such_section: 'file_open' })).toMatchObject({ section: 'lsm/file_open' })
})

test('a file that is none is one failure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-object-'))
  try {
    writeFileSync(join(folder, 'text.o'), 'text')
    expect(report(join(folder, 'text.o'))).toMatchObject([
      {
        object: 'text.o', verdict: 'failure', stage: 'link',
        log: 'does not begin with an ELF header (`clang -target bpf -g -O2 -c` writes one)',
      },
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
