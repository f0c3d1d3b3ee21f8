/** The ways to write a report, by name: one line each. */
import { github } from './github.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { pretty } from './pretty.ts'
import type { Report } from './report.ts'
import { sarif } from './sarif.ts'

export type ReporterName = 'pretty' | 'json' | 'junit' | 'sarif' | 'github'

/** Each gives the whole text, its last line ended. */
export const reporters: Readonly<Record<ReporterName, (report: Report) => string>> =
  { pretty, json, junit, sarif, github }

/** `pretty`, `json`, `junit` and the others. */
export const reporterNames = Object.keys(reporters) as readonly ReporterName[]

export const isReporterName = (name: string): name is ReporterName => Object.hasOwn(reporters, name)
