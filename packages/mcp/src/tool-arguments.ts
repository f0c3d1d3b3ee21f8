/** Arguments of the small server's tools, checked by the schema that clients are given. */
import { aBoolean, aString, checkOptions, listOf, oneOf, required } from '@lsmkit/core/option-rules'
import type { OptionRule } from '@lsmkit/core/option-rules'
import { toolNames, toolTexts } from './tool-texts.ts'
import type { ToolName, ToolText } from './tool-texts.ts'

interface Property {
  readonly type?: 'string' | 'boolean' | 'array'
  readonly enum?: readonly unknown[]
}

const ruleOf = ({ type, enum: values }: Property): OptionRule => {
  if (values !== undefined) return oneOf(...values)
  return { string: aString, boolean: aBoolean, array: listOf(aString) }[type!]
}

const rulesOf = ({ properties, required: needed }: ToolText): Record<string, OptionRule> =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => {
    const rule = ruleOf(property)
    return [name, needed.includes(name) ? required(rule) : rule]
  }))

const rules = new Map(toolNames.map((name) => [name, rulesOf(toolTexts[name])]))

/** Throws OptionError for an argument that is missing, of another type, or none of the tool's. */
export const checkArguments = (name: ToolName, args: object): void =>
  checkOptions<Record<string, unknown>>(args, rules.get(name)!, name)
