/** `lsm doctor`: looks at the installation, the host and the engines, and says what is wrong and what to do. */
import type { Io } from '../../io.ts'
import { EXIT, printJson, tableWithin } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import { hostItems, nodeItems } from './host.ts'
import { relatedPackages } from './installed.ts'
import { parts } from './item.ts'
import type { Item, ItemState } from './item.ts'
import { moduleItems } from './modules.ts'
import { packageItems } from './packages.ts'
import { ownFloorItems } from './peer-floor.ts'
import { selfTestItems } from './self-test.ts'

const rules = Object.fromEntries(parts.map((part) => [`doctor/${part}`, `Something is wrong with the ${part}.`]))

/** Ends with 1 when something is wrong. */
export const doctorCommand = async (io: Io, options: ReportFlags): Promise<number> => {
  const packages = relatedPackages(io.cwd)
  const items = [
    ...nodeItems(), ...packageItems(io.cwd, packages), ...await moduleItems(io.cwd, packages), ...ownFloorItems(io.cwd),
    ...hostItems(), ...await selfTestItems(),
  ]
  const wrong = items.filter(({ state }) => state === 'wrong')
  return reported(io, 'doctor', options, () => ({
    code: wrong.length === 0 ? EXIT.ok : EXIT.denied,
    checks: items.map(({ part, name, state, text, hint }) => ({
      name: `${part}: ${name}`,
      findings: state === 'wrong' ? [{ rule: `doctor/${part}`, level: 'error', message: text, fix: hint }] : [],
    })),
    rules,
    json: (out) => printJson(out, { ok: wrong.length === 0, items }),
    pretty: (out) => printItems(out, items, wrong.length),
  }))
}

const marks: Readonly<Record<ItemState, string>> = { ok: 'ok', wrong: 'WRONG', absent: '-', note: 'note' }

const printItems = (out: Output, items: readonly Item[], wrong: number): void => {
  for (const part of parts) {
    const own = items.filter((item) => item.part === part)
    if (own.length === 0) continue
    out.print(out.colors.bold(part))
    const rows = own.map(({ name, state, text, hint }) =>
      [` ${marks[state]}`, name, hint === undefined ? text : `${text} (${hint})`])
    for (const line of tableWithin(rows)) out.print(painted(out, line))
  }
  out.print(wrong === 0 ? 'nothing is wrong' : `${wrong} wrong`)
}

const painted = ({ colors }: Output, line: string): string =>
  line.startsWith(' ok') ? colors.green(line) : line.startsWith(' WRONG') ? colors.red(line) : line
