/**
 * CIL against the secilc of this machine: random policies, the verdict of both and what they wrote. Nothing is
 * recorded; `1-200` says which policies, `--keep DIR` where those that differ are put, `--shrink yes` that they are cut
 * down first.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import type { CompileOptions } from '@lsmkit/selinux/cil'
import { differingLines, normalisePolicy, PolicyError, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { generatePolicy } from '../cil/generate.ts'
import { UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

const generated = /^(base_typeattr|deny_rule_attr)_\d+$/

/** What a compiler makes of a source. */
interface Answer {
  readonly verdict: string
  readonly lines: readonly string[]
  readonly fileContexts: string
}

const refused = (verdict: string): Answer => ({ verdict, lines: [], fileContexts: '' })

/** secilc writes what no kernel loads: a role that exceeds its bounds. */
const UNREADABLE = 'unreadable'
const linesOf = (policy: Uint8Array): string[] | null => {
  try {
    return normalisePolicy(readPolicy(policy), { generated })
  } catch (error) {
    if (error instanceof PolicyError) return null
    throw error
  }
}

const secilc = (folder: string, source: string, flags: readonly string[]): Answer => {
  const [input, output, contexts] = ['policy.cil', 'policy', 'contexts']
    .map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(input, source)
  try {
    execFileSync('secilc', [...flags, '-o', output, '-f', contexts, input],
      { stdio: ['ignore', 'ignore', 'ignore'], timeout: 20_000 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new UsageError('there is no secilc on this machine', 'Debian: apt install secilc')
    }
    return refused('error')
  }
  const lines = linesOf(new Uint8Array(readFileSync(output)))
  return lines === null ? refused(UNREADABLE) : { verdict: 'ok', lines, fileContexts: readFileSync(contexts, 'utf8') }
}

/** Switches of secilc, and what they are to the compiler. */
const switches: readonly { readonly flags: readonly string[]; readonly options: CompileOptions }[] = [
  { flags: ['-N'], options: { disableNeverallow: true } },
  { flags: ['-P'], options: { preserveTunables: true } },
  { flags: ['-D'], options: { disableDontaudit: true } },
  { flags: ['-G'], options: { expandGenerated: true } },
  { flags: ['-X', '3'], options: { expandSize: 3 } },
  { flags: ['-X', '0'], options: { expandSize: 0 } },
  { flags: ['-m'], options: { multipleDeclarations: true } },
  { flags: ['-M', 'true'], options: { mls: true } },
  { flags: ['-M', 'false'], options: { mls: false } },
  { flags: ['-U', 'reject'], options: { handleUnknown: 'reject' } },
  { flags: ['-c', '30'], options: { version: 30 } },
  { flags: ['-O'], options: { optimise: true } },
]

/** Switches of every second policy, two of the rest; of seed 1 `-N`, the rest by the seed. */
const switchesOf = (seed: number): typeof switches => {
  if (seed % 2 === 1) return [switches[0]!]
  return seed % 4 === 0 ? [] : [switches[seed % switches.length]!, switches[(seed >> 2) % switches.length]!]
}

const lsmkit = (source: string, options: CompileOptions): Answer & { reason: string } => {
  try {
    const { policy, fileContexts } = compileCil([{ name: 'policy.cil', text: source }], { ...options, asSecilc: true })
    const lines = linesOf(writePolicy(policy))
    if (lines === null) return { ...refused(UNREADABLE), reason: '' }
    return { verdict: 'ok', lines, fileContexts, reason: '' }
  } catch (error) {
    if (!(error instanceof CilError)) return { ...refused('crash'), reason: String(error) }
    return { ...refused('error'), reason: error.toString() }
  }
}

/** Fewer statements that still differ: lines are left out for as long as that is so. */
const shrink = (source: string, differs: (source: string) => boolean): string => {
  let lines = source.split('\n')
  for (let size = lines.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < lines.length;) {
      const fewer = [...lines.slice(0, at), ...lines.slice(at + size)]
      if (differs(fewer.join('\n'))) lines = fewer
      else at += size
    }
  }
  return lines.join('\n')
}

export const cilSecilc: Suite = {
  options: ['keep', 'shrink'],
  readsFiles: false,
  *run(_inputs, options, [range = '']) {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(range) ?? []
    if (first === undefined) throw new UsageError(`\`${range}\` names no policies`, 'a range of seeds: 1-200')
    const folder = mkdtempSync(join(tmpdir(), 'cil-secilc-'))
    try {
      for (let i = Number(first); i <= Number(last); i++) {
        const source = generatePolicy(i)
        const chosen = switchesOf(i)
        const flags = chosen.flatMap((each) => each.flags)
        const how = Object.assign({}, ...chosen.map((each) => each.options)) as CompileOptions
        const theirs = secilc(folder, source, flags)
        const ours = lsmkit(source, how)
        const { onlyA, onlyB } = differingLines(ours.lines, theirs.lines)
        const isSame = ours.verdict === theirs.verdict && onlyA.length + onlyB.length === 0 &&
          ours.fileContexts === theirs.fileContexts
        const differs = [...onlyA.slice(0, 2).map((line) => `+ ${line}`),
          ...onlyB.slice(0, 2).map((line) => `- ${line}`)]
        const contexts = ours.fileContexts === theirs.fileContexts ? '' : ' file contexts differ'
        if (!isSame && options.keep !== undefined) {
          mkdirSync(options.keep, { recursive: true })
          const small = options.shrink === undefined ? source : shrink(source, (text) => {
            const [a, b] = [lsmkit(text, how), secilc(folder, text, flags)]
            return a.verdict !== b.verdict ||
              (a.verdict === 'ok' && (a.fileContexts !== b.fileContexts || a.lines.join('\n') !== b.lines.join('\n')))
          })
          writeFileSync(join(options.keep, `${i}.cil`), small)
        }
        yield { id: `seed ${[i, ...flags].join(' ')}`, expected: `${theirs.verdict} equal`,
          got: isSame ? `${ours.verdict} equal`
            : `${ours.verdict}${contexts} ${differs.join(' | ')} ${ours.reason.split('\n', 2).join(' ')}` }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
