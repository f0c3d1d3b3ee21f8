/** The text of the template tables: a literal for each number of arguments and members. */

/** Most arguments of any hook, and most members that get a literal of their own: a gate and five LSMs. */
const ARGUMENTS = 6
const MEMBERS = 6

const letters = 'abcdef'
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const list = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ')

/** `(this: Key, a, b)` and `a, b`. */
const parameters = (count: number): { head: string; args: string } => {
  const args = times(count).map((i) => letters[i]!).join(', ')
  return { head: list('this: Key', args), args }
}

const askOf = (count: number, members: number): string => {
  const { head, args } = parameters(count)
  const names = times(members).map((i) => `m${i}`)
  const tests = names.map((m, i) => (i === 0 ? `(rc = ${m}(${args})) === no` : `(i = ${i}, rc = ${m}(${args})) === no`))
  return `    (end, no, ${names.join(', ')}) => function (${head}) {
      let i = 0, rc
      try {
        if (${tests.join('\n          && ')}) return no
      } catch (error) { i = ~i; rc = error }
      return end(${list('this', 'i', 'rc', args)})
    },
`
}

const askMany = (count: number): string => {
  const { head, args } = parameters(count)
  return `  (end, no, members) => function (${head}) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(${args})) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(${list('this', 'i', 'rc', args)})
  },
`
}

const tellOf = (count: number, members: number): string => {
  const { head, args } = parameters(count)
  const names = times(members).map((i) => `m${i}`)
  const lines = names.map(
    (m, i) => `        ${i === 0 ? '' : `i = ${i}; `}if ((v = ${m}(${args})) !== undefined) note(${list('this', 'i', 'v', args)})\n`,
  )
  return `    (note, ${names.join(', ')}) => function (${head}) {
      let i = 0, v
      try {
${lines.join('')}      } catch (error) { note(${list('this', '~i', 'error', args)}) }
    },
`
}

const tellMany = (count: number): string => {
  const { head, args } = parameters(count)
  return `  (note, members) => function (${head}) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(${args})) !== undefined) note(${list('this', 'i', 'v', args)})
    } catch (error) { note(${list('this', '~i', 'error', args)}) }
  },
`
}

const askList = (count: number): string => {
  const { args } = parameters(count)
  return `  (slot) => (${args}) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(${args})) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [${args}])
  },
`
}

const tellList = (count: number): string => {
  const { args } = parameters(count)
  return `  (slot) => (${args}) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(${args})) !== undefined) noteTold(slot, chain, i, v, [${args}])
    } catch (error) { noteTold(slot, chain, ~i, error, [${args}]) }
  },
`
}

const rows = (literal: (count: number, members: number) => string): string =>
  times(ARGUMENTS + 1).map((count) => `  [ // ${count} arguments\n${times(MEMBERS).map((m) => literal(count, m + 1)).join('')}  ],\n`).join('')

const generated = 'Written by scripts/generate-dispatch.ts.'

export const askTemplates = (): string => `/**
 * Int chains, flat: one literal for each number of arguments (rows) and members (1 to ${MEMBERS}).
 * ${generated}
 *
 * Each is as small as it can be, for V8 inlines a bounded number of bytecodes into one caller: one comparison a member,
 * one exit. \`no\` is the hook's default: a member that returns it has no opinion. \`end\` gets the index of the member
 * that answered something else, or its complement when it threw.
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Key } from '../dispatch/key.ts'

export type End = (key: Key | undefined, at: number, value: unknown, ...args: unknown[]) => number
type Ask = (end: End, no: number, ...members: HookFn[]) => HookFn
type AskMany = (end: End, no: number, members: readonly HookFn[]) => HookFn

export const ASK: readonly (readonly Ask[])[] = [
${rows(askOf)}]

/** More members than have a literal: one loop, by number of arguments. */
export const ASK_MANY: readonly AskMany[] = [
${times(ARGUMENTS + 1).map(askMany).join('')}]
`

export const tellTemplates = (): string => `/**
 * Void chains, flat: as ask-templates.ts, but everybody is told and nobody ends it.
 * ${generated}
 *
 * \`note\` looks at returned values other than undefined; after a throw (complement of the index) it also runs the rest.
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Key } from '../dispatch/key.ts'

export type Note = (key: Key | undefined, at: number, value: unknown, ...args: unknown[]) => void
type Tell = (note: Note, ...members: HookFn[]) => HookFn
type TellMany = (note: Note, members: readonly HookFn[]) => HookFn

export const TELL: readonly (readonly Tell[])[] = [
${rows(tellOf)}]

/** More members than have a literal: one loop, by number of arguments. */
export const TELL_MANY: readonly TellMany[] = [
${times(ARGUMENTS + 1).map(tellMany).join('')}]
`

export const listTemplates = (): string => `/**
 * The reference: one walk over the members of a hook, read anew at each call. A literal for each number of arguments;
 * hooks with equally many share it, as the classic LSM lists do. ${generated}
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import { noteTold, settle } from '../dispatch/slot.ts'
import type { Slot } from '../dispatch/slot.ts'

type List = (slot: Slot) => HookFn

export const ASK_LIST: readonly List[] = [
${times(ARGUMENTS + 1).map(askList).join('')}]

export const TELL_LIST: readonly List[] = [
${times(ARGUMENTS + 1).map(tellList).join('')}]
`
