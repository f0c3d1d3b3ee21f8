import { expect, test } from 'vitest'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import { parseParams } from './hook-args.ts'

test.each([
  { params: '', found: [] },
  {
    params: 'const struct path *dir, struct dentry *dentry, umode_t mode',
    found: ['struct path *|dir', 'struct dentry *|dentry', 'umode_t|mode'],
  },
  { params: 'void **ctx, const char **name', found: ['void **|ctx', 'char **|name'] },
  { params: 'const struct cred * old', found: ['struct cred *|old'] },
  { params: 'struct lsm_ctx __user *ctx', found: ['struct lsm_ctx *|ctx'] },
])('`$params`', ({ params, found }) => {
  expect(parseParams(params).map(({ type, name }) => `${type}|${name}`)).toEqual(found)
})

test('every parameter of the table has a name and a type', () => {
  const odd = hookNames.flatMap((hook) =>
    parseParams(hookDefs[hook].params).filter(
      ({ name, type }) => !/^\w+$/.test(name) || !/^[a-z_][\w ]*( \*+)?$/.test(type),
    ),
  )
  expect(odd).toEqual([])
})
