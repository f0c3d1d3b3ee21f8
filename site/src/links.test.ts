import { expect, test } from 'vitest'
import { rewriteLinks } from './links.ts'
import type { Page } from './pages.ts'

const page = (path: string, source: string, text = ''): Page => ({ path, source, text, group: null })
const pages = [
  page('concepts.md', 'docs/concepts.md'), page('packages/core.md', 'packages/core/README.md'),
  page('threat-model.md', 'SECURITY.md'),
]
const exists = (path: string) => ['docs/tour.svg', 'apps/demo', 'examples/own-lsm/src/index.ts'].includes(path)
const rewrite = (source: string, text: string, url: string | null = 'https://code.example') =>
  rewriteLinks(page('x.md', source, text), pages, { exists, url })

test.each([
  ['docs/x.md', '[a](concepts.md#who)', '[a](/concepts#who)'],
  ['packages/yama/README.md', '[a](../../SECURITY.md)', '[a](/threat-model)'],
  ['README.md', '[a](packages/core)', '[a](/packages/core)'],
  ['README.md', '[a](apps/demo)', '[a](https://code.example/apps/demo)'],
  ['README.md', '[a](https://x.example) [b](#here)', '[a](https://x.example) [b](#here)'],
  ['README.md', '`[a](apps/demo)`', '`[a](apps/demo)`'],
])('%s: %s -> %s', (source, text, expected) => {
  expect(rewrite(source, text)).toEqual({ text: expected, faults: [], pictures: [] })
})

test('without a place for sources such links are text', () => {
  expect(rewrite('README.md', 'see [`a`](apps/demo).', null).text).toBe('see `a`.')
})

test('a link that leads nowhere is a fault', () => {
  expect(rewrite('docs/x.md', '[a](../nothing.md)').faults).toEqual([{ from: 'docs/x.md', target: '../nothing.md' }])
})

test.each([
  ['docs/tour.md', '![a terminal](tour.svg)'], ['README.md', '![a terminal](docs/tour.svg)'],
])('a picture of %s lies in /pictures/', (source, text) => {
  expect(rewrite(source, text))
    .toEqual({ text: '![a terminal](/pictures/tour.svg)', faults: [], pictures: ['docs/tour.svg'] })
})

test('a picture that is not there is a fault', () => {
  expect(rewrite('docs/x.md', '![a](none.png)').faults).toEqual([{ from: 'docs/x.md', target: 'none.png' }])
})
