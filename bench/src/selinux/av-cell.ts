/** Our decisions of all tuples, nothing remembered between them. */
import { AvDecision, SecurityServer } from '@lsmkit/selinux/server'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { readData } from './data.ts'
import { mix, START } from './sum.ts'

export interface AvArgs {
  readonly policy: string
  readonly tuples: string
}

const lines = (file: string): string[] => readData(file).toString().trimEnd().split('\n')

export const cell = ({ policy, tuples }: AvArgs): Cell => {
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(readData(`${policy}.policy`))
  const sids = lines(`${tuples}.contexts`).map((text) => server.contextToSid(text))
  const asked = lines(`${tuples}.tuples`).map((line) => line.split(' ').map(Number))
  const sources = Int32Array.from(asked, ([source]) => sids[source!]!)
  const targets = Int32Array.from(asked, ([, target]) => sids[target!]!)
  const classes = Int32Array.from(asked, ([, , tclass]) => tclass!)
  const out = new AvDecision()
  const pass = timedPass(1, () => {
    let sink = 0
    for (let i = 0; i < classes.length; i++) {
      server.computeAvUser(sources[i]!, targets[i]!, classes[i]!, out)
      sink ^= out.allowed
    }
    return sink
  })
  const sum = (): number => {
    let total = START
    for (let i = 0; i < classes.length; i++) {
      server.computeAvUser(sources[i]!, targets[i]!, classes[i]!, out)
      total = mix(mix(mix(total, out.allowed), out.auditallow), out.auditdeny)
    }
    return total
  }
  return { pass: () => pass() / classes.length, ask: { sum } }
}
