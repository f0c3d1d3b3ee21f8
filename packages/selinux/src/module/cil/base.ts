/** Parts that only the base module has: how unknown things are handled, classes with their constraints, orders. */
import { policycapNames } from '../../policydb/constants.ts'
import type { ObjectClass } from '../../policydb/policydb.ts'
import { constraintText, isMls } from './constraints.ts'
import { writeLabels } from './labels.ts'
import { byBit, joined, REQUIRE } from './text.ts'
import type { CilWriter } from './writer.ts'

const DEFAULT_LEVEL = [
  '(sensitivity s0)', '(sensitivityorder (s0))', '(category c0)', '(categoryorder (c0))',
  '(sensitivitycategory s0 (c0))', '(level systemlow (s0))',
]

export const writeBase = (out: CilWriter): void => {
  const { module } = out
  out.say(`(handleunknown ${module.handleUnknown})`)
  out.say(`(mls ${module.mls})`)
  out.say(`(roleattribute ${REQUIRE})`)
  out.say(`(typeattribute ${REQUIRE})`)
  // It is in every policy, and in no list of what is declared.
  out.say('(role object_r)')
  for (const bit of module.policycaps) out.say(`(policycap ${policycapNames[bit] ?? `#${bit}`})`)
  const { symbols } = module
  for (const { name, permissions } of symbols.commons) {
    out.say(`(common ${name} ${joined(byBit(permissions.items))})`)
  }
  const classes = [...symbols.classes].sort((a, b) => a.value - b.value)
  out.say(`(classorder ${joined(classes.map(({ name }) => name))})`)
  for (const item of classes) writeClass(out, item)
  const sensitivities = symbols.sensitivities.filter(({ isAlias }) => !isAlias)
    .sort((a, b) => a.level.sens - b.level.sens)
  if (sensitivities.length > 0) out.say(`(sensitivityorder ${joined(sensitivities.map(({ name }) => name))})`)
  // Contexts have a level in CIL, and modules name levels, in a policy without MLS too: they are nowhere in it.
  if (!module.mls) for (const line of DEFAULT_LEVEL) out.say(line)
  const categories = symbols.categories.filter(({ isAlias }) => !isAlias).sort((a, b) => a.value - b.value)
  if (categories.length > 0) out.say(`(categoryorder ${joined(categories.map(({ name }) => name))})`)
  writeLabels(out)
}

const writeClass = (out: CilWriter, item: ObjectClass): void => {
  const { name, common, permissions } = item
  out.say(`(class ${name} ${joined(byBit(permissions.items))})`)
  if (common !== null) out.say(`(classcommon ${name} ${common})`)
  const ends = ['', 'source', 'target']
  const ranges = ['', 'source low', 'source high', 'source low-high', 'target low', 'target high', 'target low-high',
    'glblub']
  for (const [keyword, value, words] of [['defaultuser', item.defaultUser, ends],
    ['defaultrole', item.defaultRole, ends], ['defaulttype', item.defaultType, ends],
    ['defaultrange', item.defaultRange, ranges]] as const) {
    if (value > 0) out.say(`(${keyword} ${name} ${words[value]})`)
  }
  for (const { permissions: mask, expression } of item.constraints) {
    out.say(`(${isMls(expression) ? 'mlsconstrain' : 'constrain'} (${name} ${out.perms(item.value, mask)}) ` +
      `${constraintText(out, expression)})`)
  }
  for (const { expression } of item.validatetrans) {
    out.say(`(${isMls(expression) ? 'mlsvalidatetrans' : 'validatetrans'} ${name} ${constraintText(out, expression)})`)
  }
}
