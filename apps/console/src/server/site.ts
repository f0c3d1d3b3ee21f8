/** `npm run -s site -- OUT`: the console as files for any web server; no header of it needs to be set. */
import { cpSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { dist } from './pages.ts'

const [out, ...more] = process.argv.slice(2)

if (out === undefined || out.startsWith('-') || more.length > 0) {
  process.stderr.write('usage: npm run -s site -- OUT\n')
  process.exitCode = 2
} else {
  const folder = resolve(process.env.INIT_CWD ?? '.', out)
  mkdirSync(folder, { recursive: true })
  cpSync(dist, folder, { recursive: true })
  process.stderr.write(`the console is in ${folder}\n`)
}
