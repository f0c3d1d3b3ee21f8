/** ARCHITECTURE.md agrees with the sources: its arrows, paths and names. */
import { describe, expect, test } from 'vitest'
import { arrowFaults, arrowsOf, codeSpans, nameFaults, pathFaults } from './architecture.ts'
import { readPage } from './picture.ts'

const page = readPage()

describe('ARCHITECTURE.md', () => {
  test('draws the imports that are allowed, and that there are', () => expect(arrowFaults(page)).toEqual([]))
  test('names files and folders that exist', () => expect(pathFaults(page)).toEqual([]))
  test('names functions, classes and options that exist', () => expect(nameFaults(page)).toEqual([]))
  test('is read', () => {
    expect(arrowsOf(page).length).toBeGreaterThan(30)
    expect(codeSpans(page).length).toBeGreaterThan(80)
  })
})

const drawing = (line: string): string =>
  page.replace('    abi <- report', `    ${line}\n    abi <- report`)

describe('a fault of the page is found', () => {
  test.each([
    ['an import that is not allowed', drawing('kernel <- smack'), 'kernel <- smack is drawn and not allowed'],
    ['an import that is missing', page.replace('    abi <- report', ''), 'abi <- report is allowed and not drawn'],
    ['a package that is not there', drawing('abi <- smaak'), 'there is no package smaak'],
  ])('%s', (_, text, fault) => expect(arrowFaults(text)).toContain(fault))

  test.each([
    ['`kernel/vfs/namei`', ['kernel/vfs/namei']],
    ['`scripts/layers/none.ts`', ['scripts/layers/none.ts']],
    ['`nowhere-at-all.ts`', ['nowhere-at-all.ts']],
    ['`kernel/vfs/path`, `testkit/scenario`, `machine.ts`', []],
  ])('%s', (text, faults) => expect(pathFaults(text)).toEqual(faults))

  test.each([
    ['`createStacks(options)`', ['createStacks(options)']],
    ['`lsm.file_opens.ask(file)`', ['lsm.file_opens.ask(file)']],
    ['`createStack`, `lsm.file_open.ask(file)`, `kernelExact`', []],
  ])('%s', (text, faults) => expect(nameFaults(text)).toEqual(faults))
})
