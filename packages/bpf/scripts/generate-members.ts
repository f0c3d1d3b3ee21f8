/**
 * Writes src/vmlinux/generated/unkept.ts from the types of Linux 6.12:
 * `LSMKIT_VMLINUX_BTF=FILE node scripts/run.mjs source packages/bpf/scripts/generate-members.ts [--gaps]`, where FILE
 * is the .BTF section of its image. `--gaps` lists members without a reason and writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Btf } from '../src/btf/btf.ts'
import { keptMembers } from '../src/vmlinux/vmlinux.ts'
import { renderFile, renderMembers } from './render-members.ts'
import { roots } from './roots.ts'

const path = process.env.LSMKIT_VMLINUX_BTF
if (path === undefined) throw new Error('LSMKIT_VMLINUX_BTF is not set: it names the .BTF section of Linux 6.12')
const rendered = renderMembers(new Btf(readFileSync(path)), roots(), keptMembers())
const { reached, kept, gaps, structs } = rendered
console.log(`${structs.size} structs, ${reached} members: ${kept} with a value, ` +
  `${reached - kept - gaps.length} with a reason, ${gaps.length} missing`)
for (const gap of gaps) console.log(gap)
if (!process.argv.includes('--gaps') && gaps.length === 0) {
  writeFileSync(new URL('../src/vmlinux/generated/unkept.ts', import.meta.url), renderFile(rendered))
}
