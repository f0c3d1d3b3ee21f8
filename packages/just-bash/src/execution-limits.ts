/** The limits of a shell by their names: a misspelt one is an error, for it would bound nothing. */
import { either, oneOf, optionsOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { BashOptions } from 'just-bash'

type ExecutionLimits = NonNullable<BashOptions['executionLimits']>

/** All that just-bash has. */
const names = [
  'maxSourceBytes', 'maxExecDepth', 'maxCallDepth', 'maxCommandCount', 'maxLoopIterations', 'maxAwkIterations',
  'maxSedIterations', 'maxJqIterations', 'maxQueryTokens', 'maxQueryDepth', 'maxQueryElements',
  'maxAwkParserTokens', 'maxAwkParserDepth', 'maxAwkParserOperations', 'maxCsvRows', 'maxCsvCells',
  'maxWorkUnits', 'maxTraversalEntries', 'maxTraversalDepth', 'maxTraversalWork', 'maxLiveBytes',
  'maxInputBytes', 'maxFileSystemBytes', 'maxDatabaseBytes', 'maxDatabaseResultBytes', 'maxArchiveBytes',
  'maxArchiveCompressedBytes', 'maxArchiveEntryBytes', 'maxArchiveEntries', 'maxWorkerMessageBytes',
  'maxExecutionTimeMs', 'maxExtensionCleanupTimeMs', 'maxSqliteTimeoutMs', 'maxPythonTimeoutMs',
  'maxJsTimeoutMs', 'maxGlobOperations', 'maxStringLength', 'maxArrayElements', 'maxHeredocSize',
  'maxSubstitutionDepth', 'maxBraceExpansionResults', 'maxOutputSize', 'maxFileDescriptors', 'maxSourceDepth',
] as const satisfies readonly (keyof ExecutionLimits)[]

const aLimit = either(wholeNumber(0), oneOf(Infinity))
const rules: OptionRules<ExecutionLimits> =
  Object.fromEntries(names.map((name) => [name, aLimit])) as Record<(typeof names)[number], OptionRule>

export const anExecutionLimits: OptionRule = optionsOf(rules)
