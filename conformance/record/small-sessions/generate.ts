/**
 * Prints sessions of random operations for the player: `generate.ts lockdown|safesetid|loadpin SEED [COUNT]`,
 * for LoadPin with the root digest of its disk.
 */
import { generateLoadpin } from './loadpin.ts'
import { generateLockdown } from './lockdown.ts'
import { randomFrom } from './random.ts'
import { generateSafesetid } from './safesetid.ts'

const generators = { lockdown: generateLockdown, safesetid: generateSafesetid, loadpin: generateLoadpin }

const [kind = '', seed = '1', count = '40', verity = ''] = process.argv.slice(2)
const generate = generators[kind as keyof typeof generators]
if (generate === undefined) throw new Error(`generate.ts ${Object.keys(generators).join('|')} SEED [COUNT]`)
for (const line of generate(randomFrom(Number(seed)), Number(seed), Number(count), verity)) console.log(line)
