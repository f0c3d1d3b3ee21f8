import { expect, test } from 'vitest'
import { methodsOfModule } from './module-methods.ts'

const scopeOf = (Module: object) => ({ process: { getBuiltinModule: () => ({ Module }) } })
const load = (): string => 'loaded'

test('accessors become methods; methods and hosts without them stay unchanged', () => {
  const resolve = (): string => 'resolved'
  const bun = { _load: load, get _resolveFilename() {
    return resolve
  }, set _resolveFilename(_value) {} }
  methodsOfModule(scopeOf(bun))
  expect(Object.getOwnPropertyDescriptor(bun, '_resolveFilename'))
    .toEqual({ value: resolve, writable: true, enumerable: true, configurable: true })
  const node = { _load: load, _resolveFilename: resolve }
  const before = Object.getOwnPropertyDescriptors(node)
  methodsOfModule(scopeOf(node))
  expect(Object.getOwnPropertyDescriptors(node)).toEqual(before)
  for (const scope of [{}, { process: {} }, scopeOf({})]) expect(() => methodsOfModule(scope)).not.toThrow()
})
