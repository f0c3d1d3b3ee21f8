/** Pages as their readers meet them: each says at once what it is for, and stands at one place of the sidebar. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pagesOf, root, titleOf } from './pages.ts'
import type { Page } from './pages.ts'
import { groups } from './vitepress-config.ts'

const read = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null

const pages = pagesOf(read).filter(({ path }) => path !== 'index.md')

/** What follows the title, up to the first end of a sentence or of the paragraph. */
const firstSentence = ({ text }: Page): string => {
  const [, paragraph = ''] = /^# .+\n+([^\n](?:.|\n(?!\n))*)/m.exec(text) ?? []
  return /^.*?\.(?= |$)/.exec(paragraph.replaceAll('\n', ' '))?.[0] ?? ''
}

/** A README is of a package, an app or an example, and says what that is. */
const isReadme = ({ source }: Page): boolean => /^(packages|apps|examples)\/.+\/README\.md$/.test(source ?? '')

test.each(pages.filter((page) => !isReadme(page)).map((page) => [page.path, firstSentence(page)]))(
  '%s says what it is for', (_path, sentence) => expect(sentence).toMatch(/^This page (?!is\b).{20,300}\.$/))

test.each(pages.filter(isReadme).map((page) => [page.path, firstSentence(page)]))(
  '%s says what the thing is', (_path, sentence) => expect(sentence).toMatch(/^[^#>|-].{20,300}\.$/))

test('each column of a table has a heading', () => {
  const headings = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/^(\|.*\|) *\n\|[-:| ]+\| *$/gm)].map(([, row]) => ({ path, cells: row!.slice(1, -1).split('|') })))
  expect(headings.length).toBeGreaterThan(50)
  expect(headings.filter(({ cells }) => cells.some((cell) => cell.trim() === ''))).toEqual([])
})

describe('the sidebar', () => {
  test('has no group that is not drawn', () =>
    expect([...new Set(pages.map(({ group }) => group))].filter((group) => group !== null && !groups.includes(group)))
      .toEqual([]))

  test('has each page and each title once', () => {
    const listed = pages.filter(({ group }) => group !== null)
    expect(new Set(listed.map(({ path }) => path)).size).toBe(listed.length)
    expect(new Set(listed.map(titleOf)).size).toBe(listed.length)
  })

  test('begins with getting started, and has concepts before what builds on them', () => {
    const order = pages.filter(({ group }) => group !== null).map(({ path }) => path)
    expect(order[0]).toBe('getting-started.md')
    for (const later of ['stacking.md', 'modules.md', 'writing-a-module.md', 'hooks.md'])
      expect(order.indexOf('concepts.md')).toBeLessThan(order.indexOf(later))
  })
})
