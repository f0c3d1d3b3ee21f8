/** Hundreds of calls on node:fs in a folder of the host and on a task, in three forms, compared field by field. */
import * as nodeFs from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forms, hasForm, rowText, Sides } from '../../test/like-node/compare.ts'
import type { Form, Fs, Row } from '../../test/like-node/compare.ts'
import { differenceOf } from '../../test/like-node/differences.ts'
import { rows } from '../../test/like-node/rows.ts'
import { wrongRows } from '../../test/like-node/wrong-rows.ts'

let sides: Sides
beforeAll(() => { sides = new Sides() })
afterAll(() => sides.end())

const inForm = (form: Form, all: readonly Row[]): [string, Row][] =>
  all.filter(([call]) => hasForm(nodeFs as unknown as Fs, form, call)).map((row) => [rowText(row), row])

describe.each(forms)('%s', (form) => {
  test.each(inForm(form, rows))('%s', async (_, row) => {
    const { node, ours } = await sides.of(form, row)
    const difference = differenceOf(form, row)
    if (difference === null) expect(ours).toEqual(node)
    // a difference that has gone is to be taken off the table
    else expect(ours, difference).not.toEqual(node)
  })
})

test('wrong arguments give the same kind of error with the same code', async () => {
  const differing: unknown[] = []
  for (const row of wrongRows) {
    const { node, ours } = await sides.ofWrong('sync', row)
    const difference = differenceOf('sync', row)
    const isSame = JSON.stringify(ours) === JSON.stringify(node)
    if (isSame !== (difference === null)) differing.push({ text: rowText(row), difference, node, ours })
  }
  expect(differing).toEqual([])
  expect(wrongRows.length).toBeGreaterThan(400)
}, 240_000)
