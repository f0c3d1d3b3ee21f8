/** Hook calls in sources, and what a bench writes in their place. */
import { expect, test } from 'vitest'
import { rewrite } from './variants.ts'

test.each([
  ['a parameter', 'if (lsm.file_open.ask(file) !== 0) f()', 'if (0 !== 0) f()'],
  ['a machine', 'return machine.lsm.inode_link.ask(a, b(c))', 'return 0'],
  ['a private member', 'this.#machine.lsm.kernfs_init_security.ask(parent, kn)', '0'],
  ['a void hook', 'm.lsm.task_free.tell(task)', '0'],
  ['no call', 'const { lsm } = machine', 'const { lsm } = machine'],
])('%s', (_what, source, without) => expect(rewrite(source, 'noHooks', 0)).toBe(without))
