/** The text of a recorded tour at several widths, and the README's picture of it. */
import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { fullLines } from './full.ts'
import { longest } from './layout.ts'
import { blockIn, shownTour, withBlock } from './readme-block.ts'
import { recordedTour as tour } from './recorded-tour.ts'
import { plainText, terminalSvg } from './terminal-svg.ts'
import { tourSvg, tourSvgFile } from './tour-svg.ts'
import { ownOutput } from './own-denial.ts'
import { detailLines, storyLines } from './story.ts'

const plain = pc.createColors(false)
const squeezed = (text: string): string => text.replaceAll(/\s/g, '')

/** Of root: what refused, as the story has it. */
const stops = tour.columns
  .flatMap(({ runs }) => Object.values(runs[0]!.outcomes))
  .filter(({ hook }) => hook !== null)

describe.each([60, 80, 100, 120, 220])('in %i columns', (width) => {
  const page = storyLines(tour, width, plain, ownOutput)
  const story = [...page, ...detailLines(tour, width, plain)]
  const full = fullLines(tour, width, plain)

  test('no line is wider, and none ends in blanks', () => {
    expect(longest([...story, ...full])).toBeLessThanOrEqual(width)
    expect([...story, ...full].filter((line) => line !== line.trimEnd())).toEqual([])
  })

  test('the page leaves a prompt its row in a terminal of 24, and explains its words', () => {
    if (width >= 80) expect(page.length).toBeLessThan(24)
    for (const word of ['2/11', 'time', 'program', 'deflector', 'warden']) {
      expect(squeezed(page.join(''))).toMatch(new RegExp(`${word}:|thedeflector`))
    }
    for (const heading of ['stack', 'root', 'backup', 'visitor', 'time']) expect(page.join('\n')).toContain(heading)
  })

  test('the details name each LSM and hook that stopped root; the page ends with your denial and what is next', () => {
    expect(stops.length).toBeGreaterThan(20)
    const text = squeezed(story.join(''))
    for (const { errno, lsm, hook } of stops) {
      expect(text).toContain(`${errno}${lsm}`)
      expect(text).toContain(hook)
    }
    for (const { title } of tour.columns) for (const word of title.split(' ')) expect(text).toContain(word)
    expect(page.findLastIndex((line) => line.startsWith('Next: npm start -- '))).toBeGreaterThan(page.length - 3)
    expect(squeezed(page.join(''))).toContain(squeezed(ownOutput.join('')))
  })

  test('--full cuts nothing: every cell, boot line, record, event and call is there', () => {
    const matrix = full.slice(0, full.findIndex((line) => line.startsWith('Boot of'))).join('\n')
    const cells = new Map<string, number>()
    for (const { runs } of tour.columns) {
      for (const { errno, lsm, hook } of runs.flatMap(({ outcomes }) => Object.values(outcomes))) {
        const texts = errno === null ? ['ok'] : [lsm === null ? errno : `${errno} ${lsm}`, hook ?? '']
        for (const text of texts) if (text !== '') cells.set(text, (cells.get(text) ?? 0) + 1)
      }
    }
    const shown = new Map<string, number>()
    for (const cell of matrix.split(/\n| {2,}/)) shown.set(cell, (shown.get(cell) ?? 0) + 1)
    for (const [cell, count] of cells) expect([cell, shown.get(cell)]).toEqual([cell, count])
    for (const { title } of tour.attempts) expect(matrix).toContain(`  ${title}`)

    const text = squeezed(full.join(''))
    const last = tour.columns.at(-1)!
    const avcs = tour.columns.flatMap(({ runs }) => runs.flatMap((run) => run.avcs))
    expect(avcs.length).toBeGreaterThan(5)
    for (const line of [...last.boot, ...last.runs.flatMap((run) => run.denials), ...avcs]) {
      expect(text).toContain(squeezed(line))
    }
    for (const { runs } of tour.columns) {
      for (const { kind, path } of runs.at(-1)!.events ?? []) expect(text).toContain(`${kind}${path}by`)
    }
    expect(text).toContain('openat2')
  })

  test('a policy that is not ours: the domain is told, why it is that one, and why an attempt is ok', () => {
    const foreign = (label: string, toolLabel: string, permissive: readonly string[] = []): string => {
      const policy = { reasons: { shadow: ['allow a_t b_t:file read', 'allow a_t self:file write'] }, permissive }
      const columns = tour.columns.map((column) => ({
        ...column,
        runs: column.runs.map((run) => ({ ...run, label, toolLabel })),
        ...(column.title === 'capability + yama + selinux' ? { policy } : {}),
      }))
      const lines = detailLines({ ...tour, foreignPolicy: true, columns }, width, plain)
      expect(longest(lines)).toBeLessThanOrEqual(width)
      return squeezed(lines.join(''))
    }
    const still = foreign('u:r:kernel_t', 'u:r:kernel_t')
    expect(still).toContain('RubyandtheCprogramruninu:r:kernel_t.Thatisthedomainofinit')
    expect(still).toContain('read/etc/shadowallowa_tb_t:fileread;allowa_tself:filewrite')
    expect(still).not.toContain('ispermissive')
    const moved = foreign('u:r:guest_t', 'u:r:tool_t', ['u:r:guest_t'])
    expect(moved).toContain('Rubyrunsinu:r:guest_t,theCprograminu:r:tool_t.Initrunsinu:r:kernel_t.')
    expect(moved).toContain('u:r:guest_tispermissive')
    expect(squeezed(story.join(''))).not.toContain('Whatthepolicymakes')
  })
})

test.each([80, 100])('in %i columns each refusal is one line: error, LSM, hook', (width) => {
  const lines = detailLines(tour, width, plain).map((line) => line.trim().split(/ {2,}/))
  for (const { errno, lsm, hook } of stops) {
    expect(lines).toContainEqual([expect.any(String), errno, lsm, hook])
  }
})

test('without a terminal, in 100 columns, the story is the one of 80', () =>
  expect(squeezed(detailLines(tour, 100, plain).join(''))).toBe(squeezed(detailLines(tour, 80, plain).join(''))))

test.each(['README.md', 'docs/tour.md'])('%s shows the story as `run.mjs record` writes it', (page) => {
  const readme = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  expect(blockIn(readme)).toBe(shownTour(tour))
  expect(blockIn(withBlock(readme, 'other\nwords'))).toBe('other\nwords')
  expect(withBlock(withBlock(readme, 'other'), shownTour(tour))).toBe(readme)
  expect(() => blockIn('# no tour')).toThrow('no block of text')
})

test('docs/tour.svg is the story as `run.mjs record` draws it, with its words as text', () => {
  const svg = readFileSync(tourSvgFile, 'utf8')
  expect(svg).toBe(tourSvg(tour))
  for (const line of shownTour(tour).split('\n').filter((one) => !/[<>&]/.test(one))) expect(svg).toContain(line)
  expect(svg).toContain('prefers-reduced-motion')
})

test.each([
  ['\u001B[1mbold\u001B[22m <plain>', '<tspan class="bold">bold</tspan> &lt;plain&gt;'],
  [
    '\u001B[31mred \u001B[1mboth\u001B[39m bold\u001B[0m',
    '<tspan class="red">red </tspan><tspan class="red bold">both</tspan>',
  ],
])('a terminal line as SVG: %j', (text, drawn) => {
  const svg = terminalSvg({ title: 't', columns: 20, first: [], wipedAt: 0, last: [{ text, at: 0 }] })
  expect(svg).toContain(drawn)
  expect(plainText(text)).not.toContain('\u001B')
})

test('a style that the picture does not have is an error', () =>
  expect(() => terminalSvg({ title: 't', columns: 9, first: [], wipedAt: 0, last: [{ text: '\u001B[5mx', at: 0 }] }))
    .toThrow('no style 5'))
