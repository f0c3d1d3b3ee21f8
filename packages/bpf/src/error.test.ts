import { EINVAL } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { BpfError } from './error.ts'
import { AsmError } from './insn/asm.ts'
import { BpfLoadError } from './lsm/load-error.ts'

test('what objects have for names cannot act on a terminal', () => {
  const name = 'x\u001B[2J'
  const error = new BpfError('no-map', `no map \`${name}\``, name, `\`${name}\``)
  expect([error.message, error.hint]).toEqual(['x\\x1b[2J: no map `x\\x1b[2J` (`x\\x1b[2J`)', '`x\\x1b[2J`'])
  expect(new BpfLoadError('no-target', name, -EINVAL, 'it has no target').message).toMatch(/^x\\x1b\[2J: /)
  expect(new AsmError(1, name).message).toBe('line 1: x\\x1b[2J')
})
