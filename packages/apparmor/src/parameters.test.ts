/** Boot parameters, as the files of the module show them afterwards on Linux 6.12.118, and what its log says. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { LsmContext } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { PolicyStore } from './domain/policy-store.ts'
import { apparmor } from './lsm.ts'
import { parametersOf, takeBootParameters } from './parameters.ts'
import { Settings } from './state.ts'
import type { Apparmor } from './state.ts'

const booted = (cmdline: string) => {
  const { bootParameters } = createStack({ lsms: [capability()], cmdline })
  // the parameters need no more of an instance than this
  const aa = { store: new PolicyStore(), settings: new Settings(), ctx: { bootParameters } as unknown as LsmContext }
  const log = takeBootParameters(aa as Apparmor)
  const shown = Object.fromEntries(parametersOf(aa as Apparmor).map(({ name, get }) => [name, get().trimEnd()]))
  return { log, shown }
}

const normal = {
  mode: 'enforce', audit: 'normal', lock_policy: 'N', audit_header: 'Y', debug: 'N', logsyscall: 'N', hash_policy: 'Y',
  export_binary: 'Y', paranoid_load: 'Y', enabled: 'Y', path_max: '8192', rawdata_compression_level: '0',
}

const invalid = (value: string, name: string): string =>
  `Booting kernel: \`${value}' invalid for parameter \`apparmor.${name}'`

const rows: readonly (readonly [cmdline: string, shown: Partial<typeof normal>, log?: readonly string[]])[] = [
  ['apparmor=1 quiet', {}],
  ['apparmor.mode=complain apparmor.audit=all', { mode: 'complain', audit: 'all' }],
  ['apparmor.mode=kill apparmor.mode=enforce', {}],
  ['apparmor.debug apparmor.lock_policy=1 apparmor.hash_policy=n', { debug: 'Y', lock_policy: 'Y', hash_policy: 'N' }],
  ['apparmor.export_binary=0 apparmor.logsyscall=on', { export_binary: 'N', logsyscall: 'Y' }],
  ['apparmor.path_max=4096', { path_max: '4096' }],
  ['apparmor.path_max=3', { path_max: '16' }],
  ['apparmor.paranoid_load=0', { paranoid_load: 'N' }],
  ['apparmor.bogus=1', {}],
  ['apparmor.audit_header=maybe', {}, [invalid('maybe', 'audit_header')]],
  ['apparmor.mode=bogus apparmor.audit=', {}, [invalid('bogus', 'mode'), invalid('', 'audit')]],
  ['apparmor.path_max=x', {}, [invalid('x', 'path_max')]],
]

const cases = rows.map(([cmdline, shown, log = []]) => ({ cmdline, shown, log }))

test.each(cases)('$cmdline', ({ cmdline, shown, log }) => {
  expect(booted(cmdline)).toEqual({ shown: { ...normal, ...shown }, log })
})

test('a stack passes them on, and prints mistakes', () => {
  const policy = new PolicyStore()
  const log: string[] = []
  const cmdline = 'apparmor.mode=complain apparmor.audit=much'
  createStack({ lsms: [capability(), apparmor({ policy, printk: (line) => log.push(line) })], cmdline })
  expect([policy.mode, log]).toEqual(['complain', [invalid('much', 'audit')]])
})
