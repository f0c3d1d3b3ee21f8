/**
 * Asks apparmor_parser what it makes of random texts: `SEED COUNT FEATURES… > FILE`. The first line of the file has the
 * features files, each further one a text with the parser's binary, or that it refused.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Parser } from '../apparmor-guest/parser.ts'
import { generateText } from './generate.ts'

const [seedText, countText, ...featureFiles] = process.argv.slice(2)
if (featureFiles.length === 0) throw new Error('usage: main.ts SEED COUNT FEATURES…')

const parser = new Parser()
const features = Object.fromEntries(featureFiles.map((file) => [basename(file), readFileSync(file, 'latin1')]))
console.log(JSON.stringify({ features }))
for (let seed = Number(seedText); seed < Number(seedText) + Number(countText); seed++) {
  const file = featureFiles[seed % featureFiles.length]!
  const binary = parser.compile(generateText(seed), file)
  if (binary === undefined) continue
  console.log(JSON.stringify({
    seed, features: basename(file), text: generateText(seed),
    binary: binary === null ? null : Buffer.from(binary).toString('base64'),
  }))
}
parser.close()
