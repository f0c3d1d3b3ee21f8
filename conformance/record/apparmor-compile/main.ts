/**
 * Asks apparmor_parser what it makes of random texts: `SEED COUNT FEATURES… > FILE`. The first line of the file has the
 * features files, each further one a text with the parser's binary, or that it refused.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tmpdir } from 'node:os'
import { generateText } from './generate.ts'

const [seedText, countText, ...featureFiles] = process.argv.slice(2)
if (featureFiles.length === 0) throw new Error('usage: main.ts SEED COUNT FEATURES…')

const folder = mkdtempSync(join(tmpdir(), 'apparmor-compile-'))
const text = join(folder, 'text')
const empty = join(folder, 'empty')
writeFileSync(empty, '')

/** The parser's binary, null when it refuses the text, undefined when it crashes. */
const ask = (features: string): Uint8Array | null | undefined => {
  const binary = join(folder, 'binary')
  rmSync(binary, { force: true })
  try {
    execFileSync('apparmor_parser', [
      '-K', '-Q', '-q', '--config-file', empty, '-b', folder, '-I', folder, '-M', features, '-o', binary, text,
    ], { stdio: 'ignore', timeout: 60_000 })
    return readFileSync(binary)
  } catch (error) {
    return (error as { status: number | null }).status === null ? undefined : null
  }
}

const features = Object.fromEntries(featureFiles.map((file) => [basename(file), readFileSync(file, 'latin1')]))
console.log(JSON.stringify({ features }))
for (let seed = Number(seedText); seed < Number(seedText) + Number(countText); seed++) {
  const file = featureFiles[seed % featureFiles.length]!
  writeFileSync(text, generateText(seed), 'latin1')
  const binary = ask(file)
  if (binary === undefined) continue
  console.log(JSON.stringify({
    seed, features: basename(file), text: generateText(seed),
    binary: binary === null ? null : Buffer.from(binary).toString('base64'),
  }))
}
rmSync(folder, { recursive: true })
