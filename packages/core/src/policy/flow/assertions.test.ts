import { expect, test } from 'vitest'
import { AssertionError, parseAssertions } from './index.ts'

test('reads flows, domains and what may carry them', () => {
  const [flow, domain, ...rest] = parseAssertions(`
# secrets stay where they are
httpd_t -> shadow_t except passwd_t chkpwd_t min-weight 5   # through these alone
domain user_t -> init_t steps 3
domain -> shadow_t
`)
  expect(flow).toEqual({ line: 3, text: 'httpd_t -> shadow_t except passwd_t chkpwd_t min-weight 5', kind: 'flow',
    from: 'httpd_t', to: 'shadow_t', except: ['passwd_t', 'chkpwd_t'], minWeight: 5, steps: null })
  expect(domain).toMatchObject({ line: 4, kind: 'domain', from: 'user_t', to: 'init_t', steps: 3 })
  expect(rest).toMatchObject([{ kind: 'flow', from: 'domain', to: 'shadow_t' }])
})

test.each([
  ['a_t', 'line 1'], ['a_t > b_t', 'line 1'], ['\na_t -> b_t min-weight 11', 'line 2'], ['a_t -> b_t steps', 'line 1'],
  ['a_t -> b_t except', 'line 1'], ['a_t -> b_t but c_t', 'line 1'], ['domain a_t ->', 'line 1'],
])('%j is refused with its line', (text, place) => {
  expect(() => parseAssertions(text)).toThrow(AssertionError)
  expect(() => parseAssertions(text)).toThrow(expect.objectContaining({ place }))
})
