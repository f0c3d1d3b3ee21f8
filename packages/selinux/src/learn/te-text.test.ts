/** Learned rules as a module, beside the same rules as CIL: both make one policy. */
import { expect, test } from 'vitest'
import { linkModules, neededAttributes } from '../module/index.ts'
import { normalisePolicy } from '../policydb/index.ts'
import { compiledToCil, compileTe } from '../source/index.ts'
import { smallPolicy } from '../testing/small-policy.ts'
import { learn, readDenials, teModule } from './index.ts'

const log = `avc:  denied  { read open } for  pid=7 comm="cat" path="/w" scontext=joe:user_r:child_t:s0 \
tcontext=system_u:object_r:etc_t:s0 tclass=file
avc:  denied  { ioctl } for  pid=7 comm="cat" path="/dev/x" ioctlcmd=0x5413 scontext=joe:user_r:child_t:s0 \
tcontext=system_u:object_r:tty_t:s0 tclass=chr_file
avc:  denied  { ptrace } for  pid=7 comm="cat" scontext=joe:user_r:child_t:s0 tcontext=joe:user_r:child_t:s0 \
tclass=process
`

test('a .te module says what the CIL says', () => {
  const { rules, cil } = learn(readDenials(log))
  const te = teModule('local', rules)!
  expect(te).toContain('require {\n\ttype child_t;\n\ttype etc_t;\n\ttype tty_t;\n\tclass chr_file { ioctl };\n')
  expect(te).toContain('allow child_t self:process { ptrace };')
  expect(te).toContain('# BROAD: ptrace: it runs code in the other process')
  expect(te).toContain('allowxperm child_t tty_t:chr_file ioctl { 0x5413 };')
  const compiled = compileTe({ name: 'local.te', text: te })
  const module = { name: 'local.te', text: compiledToCil(compiled), ...neededAttributes(compiled.module) }
  const lines = [module, { name: 'local.cil', text: cil }].map((each) =>
    normalisePolicy(linkModules(smallPolicy(), [each], { disableNeverallow: true }).policy))
  expect(lines[0]).toEqual(lines[1])
})

test('no rule makes no module, and a wrong name is refused', () => {
  expect(teModule('local', [])).toBeNull()
  expect(() => teModule('a b', [])).toThrow(/cannot be the name of a module/)
})
