/**
 * lsm_list_modules, lsm_get_self_attr and lsm_set_self_attr as a real kernel answered them: it was booted once for all
 * rows of the same boot arguments, and each row ran in a task of its own.
 */
import { errnoName, lsmCtxSize, packLsmCtx, ownValue } from '@lsmkit/abi'
import { lsm_list_modules } from '@lsmkit/core'
import type { Profile, Stack } from '@lsmkit/core'
import { boot, builds } from '../boots.ts'
import { forked } from '../cred-host.ts'
import { profileOf } from '../profile.ts'
import { played, UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

/**
 * What a call leaves: its result, the size the kernel wrote back (0 where there was no place for it), and the
 * bytes.
 */
interface Outcome {
  readonly rc: number
  readonly size: number
  readonly bytes: Uint8Array | null
}

type Arguments = ReadonlyMap<string, string>

/** `size=31`, `size+8` (under the name `size+`), `nul`; a label may hold commas. */
const parseArguments = (text: string): Arguments =>
  new Map(text.split(/,(?=[a-z_.]+[=+]|nul\b|plain\b)/).map((part) => {
    const [, name, value] = /^([a-z_.]+\+?)=?(.*)$/s.exec(part)!
    return [name!, value!]
  }))

const number = (args: Arguments, name: string, otherwise = 0) => Number(args.get(name) ?? otherwise)

/** `size` as the kernel sees it: null for a pointer that is NULL. */
const sizeOf = (args: Arguments) =>
  args.get('size') === 'NULL' ? null : { value: number(args, 'size') as number | null }

const list = (stack: Stack, args: Arguments): Outcome => {
  const size = sizeOf(args)
  const ids = new Uint8Array(size?.value ?? 0)
  const rc = lsm_list_modules(stack.ids, ids, size, number(args, 'flags'))
  return { rc, size: size?.value ?? 0, bytes: rc < 0 ? null : ids.subarray(0, size!.value!) }
}

const get = (stack: Stack, args: Arguments): Outcome => {
  const size = sizeOf(args) as { value: number } | null
  const ctx = args.get('ctx') === 'NULL' ? null : new Uint8Array(Math.max(size?.value ?? 0, 32))
  if (ctx !== null) new DataView(ctx.buffer).setBigUint64(0, BigInt(number(args, 'ctx.id')), true)
  const rc = stack.lsm.getselfattr.ask(number(args, 'attr'), ctx, size, number(args, 'flags'))
  return { rc, size: size?.value ?? 0, bytes: rc < 0 || ctx === null ? null : ctx.subarray(0, size!.value) }
}

const HUGE = 0xffff_ffff_ffff_fff0n

const set = (stack: Stack, args: Arguments): Outcome => {
  const label = args.get('label')!.slice(1, -1)
  const value = new TextEncoder().encode(args.has('plain') ? label : `${label}\0`)
  const ctx = new Uint8Array(Math.max(8192, lsmCtxSize(value.length)))
  ctx.set(packLsmCtx({ id: BigInt(number(args, 'ctx.id')), flags: BigInt(number(args, 'ctx.flags')), ctx: value }))
  const fields = new DataView(ctx.buffer)
  if (args.has('len')) fields.setBigUint64(16, BigInt(number(args, 'len')), true)
  if (args.has('ctx_len')) fields.setBigUint64(24, HUGE, true)
  if (args.has('ctx_len+')) fields.setBigUint64(24, BigInt(value.length + number(args, 'ctx_len+')), true)
  const given = number(args, 'size', lsmCtxSize(value.length) + number(args, 'size+'))
  const readable = args.get('ctx') === 'badptr' ? null : ctx
  const rc = stack.lsm.setselfattr.ask(number(args, 'attr'), readable, given, number(args, 'flags'))
  return { rc, size: 0, bytes: null }
}

type Call = (stack: Stack, args: Arguments) => Outcome
const calls: Readonly<Record<string, Call>> = { list, get, set }

const show = ({ rc, size, bytes }: Outcome) =>
  [
    rc < 0 ? -1 : rc,
    rc < 0 ? errnoName(rc) : 'OK',
    size,
    bytes === null || bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex'),
  ].join(' ')

/** The kernel that was asked: a small one, or of later releases Debian's, which has no Smack. */
const builtBy = (profile: Profile, bootArguments: string) =>
  profile === '6.12' || /\bsmack\b/.test(bootArguments) ? builds.custom! : builds.debian!

/** The answer of a row's call, made by a task that nobody has used. */
const answer = (stack: Stack, pid: number, row: TableRow, call: Call): string => {
  const { current } = stack
  const init = current.task
  current.task = forked(stack, pid)
  try {
    return show(call(stack, parseArguments(row.args!)))
  } finally {
    current.task = init
  }
}

export const lsmSyscalls: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const profile = profileOf(options)
    const stacks = new Map<string, Stack>()
    const booted = (bootArguments: string): Stack => {
      const stack = stacks.get(bootArguments) ?? boot(builtBy(profile, bootArguments), bootArguments, profile)
      stacks.set(bootArguments, stack)
      return stack
    }
    let pid = 1
    for (const { text, path } of inputs) {
      const wanted = ['n', 'boot_args', 'call', 'args', 'return', 'errno', 'size_after', 'buffer_hex']
      for (const row of parseTable(text, path, wanted)) {
        const call = ownValue(calls, row.call!)
        if (call === undefined) throw new UsageError(`row ${row.n}: no call \`${row.call}\` is known`)
        const got = played(() => answer(booted(row.boot_args!), pid++, row, call))
        yield { id: row.n!, expected: [row.return, row.errno, row.size_after, row.buffer_hex].join(' '), got }
      }
    }
  },
}
