import { expect, test } from 'vitest'
import { bootArguments, splitCommandLine } from './command-line.ts'

test.each([
  { text: '', found: [] },
  { text: '  quiet\tlsm=a,b \n', found: [['quiet', null], ['lsm', 'a,b']] },
  { text: 'lsm=a, b', found: [['lsm', 'a,'], ['b', null]] },
  { text: 'lsm="a, b" c', found: [['lsm', 'a, b'], ['c', null]] },
  { text: '"lsm=a b" c', found: [['lsm', 'a b'], ['c', null]] },
  { text: 'a=b=c', found: [['a', 'b=c']] },
  { text: 'lsm="a b', found: [['lsm', 'a b']] },
  { text: 'lsm=a -- lsm=b', found: [['lsm', 'a']] },
  { text: '=x', found: [['', 'x']] },
])('`$text`', ({ text, found }) => {
  expect(splitCommandLine(text)).toEqual(found.map(([name, value]) => ({ name, value })))
})

test.each([
  { text: 'quiet', lsmParam: null, securityParam: null },
  { text: 'lsm= security=', lsmParam: '', securityParam: '' },
  { text: 'lsm security', lsmParam: null, securityParam: null },
  { text: 'lsm=a lsm=b security=x security=y', lsmParam: 'b', securityParam: 'y' },
  { text: 'LSM=a Security=x', lsmParam: null, securityParam: null },
])('`$text`: the last one wins', ({ text, lsmParam, securityParam }) => {
  expect(bootArguments(text)).toMatchObject({ lsmParam, securityParam })
})

test.each([
  { text: 'selinux=0', on: [['selinux', false]] },
  { text: 'selinux=1 selinux=0', on: [['selinux', false]] },
  { text: 'selinux=0x10', on: [['selinux', true]] },
  { text: 'selinux=00', on: [['selinux', false]] },
  { text: 'selinux=off', on: [] },
  { text: 'selinux=', on: [] },
  { text: 'selinux', on: [] },
  { text: 'smack=0', on: [] },
  { text: 'my-lsm=0', on: [['my_lsm', false]] },
])('`$text`: own enabled variables', ({ text, on }) => {
  expect([...bootArguments(text, ['selinux', 'my_lsm']).enabled]).toEqual(on)
})
