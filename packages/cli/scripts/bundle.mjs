/**
 * Makes few scripts of the whole command and of the packages it stands on, and writes them into `dist/command` beside
 * the modules: `dist/lsm.cjs` compiles those that a command needs, with the code that it kept from an earlier run. Node
 * would look for, read and compile some 200 modules instead. Runs after tsup, on the sources.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import * as abi from '@lsmkit/abi'
import { build } from 'esbuild'
import { laterGroups } from './later-groups.mjs'
import { laterModules } from './later.mjs'
import { lazyModules } from './lazy-modules.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(folder, 'dist')
const target = join(dist, 'command')

const constants = Object.entries(abi).filter(([, value]) => typeof value === 'number')
const isConstant = new Set(constants.map(([name]) => name))

/** What a module of numbers exports, null for one that has more than numbers; `path` is without `.ts`. */
const numbersOf = (path) => {
  const names = [...readFileSync(`${path}.ts`, 'utf8').matchAll(/^export (?:const )?(\w+)/gm)].map(([, name]) => name)
  return names.every((name) => isConstant.has(name)) ? names : null
}

/**
 * The kernel's numbers are written where they are used: importing some thousand names takes milliseconds. Who looks
 * them up by name gets an object of them; one that names those of a module, such as errors, fills it when it is asked.
 */
const inlineNumbers = {
  name: 'inline-numbers',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /packages\/[\w-]+\/src\/.*\.ts$/, namespace: 'file' }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const contents = text
        .replace(/^import \{([^}]*)\} from '@lsmkit\/abi'$/gm, (_, names) =>
          `import {${names.split(',').filter((name) => !isConstant.has(name.trim())).join()}} from '@lsmkit/abi'`)
        .replace(/^import \* as (\w+) from '@lsmkit\/abi'$/m, (line, name) => {
          const rest = text.replace(line, '')
          if (!new RegExp(`\\b${name} as `).test(rest)) return line
          const called = new RegExp(`\\b${name}\\.(\\w+)\\(`).exec(rest)?.[1]
          if (called !== undefined) throw new Error(`${path}: \`${name}\` has numbers alone, import \`${called}\``)
          return `import ${name} from 'numbers'`
        })
        .replace(/^import \* as (\w+) from '(\.\/[\w-]+)\.ts'$/gm, (line, name, from) => {
          const module = join(dirname(path), from)
          if (numbersOf(module) === null) return line
          // not by the place of the clone, which would give scripts other names elsewhere
          return `import ${name} from 'numbers:${relative(folder, module)}'`
        })
        // what lies beside a module of a package is found there
        .replaceAll('import.meta.url', `$$moduleUrl('${/packages\/([\w-]+)\/src\//.exec(path)[1]}')`)
      return { contents, loader: 'ts' }
    })
    onResolve({ filter: /^numbers$/ }, () => ({ path: 'numbers', namespace: 'numbers' }))
    onLoad({ filter: /^/, namespace: 'numbers' }, () => ({
      contents: JSON.stringify(Object.fromEntries(constants)), loader: 'json',
    }))
    onResolve({ filter: /^numbers:/ }, ({ path }) =>
      ({ path: path.replace('numbers:', ''), namespace: 'named-numbers' }))
    onLoad({ filter: /^/, namespace: 'named-numbers' }, ({ path }) => {
      const getters = numbersOf(join(folder, path)).map((name) => `${name}: () => ${name}`)
      return { contents: `export default $lazyNamespace(() => ({${getters}}))` }
    })
  },
}

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'error',
  absWorkingDir: folder,
}

/** An export that is assigned to again would be read once here, when another script begins. */
const refuseChanging = ({ inputs, outputs }) => {
  const changing = Object.keys(inputs).filter((path) => /^[\w./-]+\.ts$/.test(path)).flatMap((path) =>
    [...readFileSync(join(folder, path), 'utf8').matchAll(/^export let (\w+)/gm)].map(([, name]) => name))
  const shown = Object.values(outputs).flatMap(({ exports }) => exports)
  const name = changing.find((one) => shown.includes(one))
  if (name !== undefined) throw new Error(`\`export let ${name}\` is used across scripts`)
}

/** Names of scripts are made from names of modules, and are to be the same in every clone. */
const refuseAbsolute = ({ inputs }) => {
  const path = Object.keys(inputs).find((one) => one.includes(dirname(folder)))
  if (path !== undefined) throw new Error(`\`${path}\` has the place of the clone in its name`)
}

/** The text of an object that a namespace is made from: names and getters, no braces inside. */
const NAMESPACE = /\b__export\(([\w$]+),(\{[^{}]*\})\)/g
const IMPORT = /\bimport(?:(\{[^}]*\})from)?"(\.\/[^"]*)";/g
const BUILTIN = /\bimport(?:(\{[^}]*\})|\*as ([\w$]+) | ([\w$]+) )from"([^"./][^"]*)";/g
const EXPORT = /\bexport(\{[^}]*\});?\s*$/

const binding = (names) => (names === undefined ? '' : `const ${names}=`)

/** `{a as b,c}` as `{a:b,c}`. */
const imported = (names) => names.replaceAll(' as ', ':')
/** Pairs of the name outside and the name inside of `{a as b,c}`: `b`, `a`, and `c`, `c`. */
const pairsOf = (names, [outside, inside]) => names.slice(1, -1).split(',').map((one) => {
  const both = one.split(' as ')
  return [both.at(outside), both.at(inside)]
})

const placeIn = (order, name) => {
  if (!order.includes(name)) throw new Error(`a script does not export \`${name}\``)
  return order.indexOf(name)
}

/**
 * The value that a script returns: an object, or a list if only other scripts load it. V8 makes a map for each name of
 * an object, and looks each name up again in the scripts that import it.
 */
const answered = (names, order) => {
  const pairs = pairsOf(names, [-1, 0])
  if (order === null) return `{${pairs.map(([outside, inside]) => `${outside}:${inside}`)}}`
  const list = Array(order.length)
  for (const [outside, inside] of pairs) list[placeIn(order, outside)] = inside
  return `[${list}]`
}
/** The pattern that takes names out of the value of another script. */
const taken = (names, order) => {
  if (order === null) return imported(names)
  return `{${pairsOf(names, [0, -1]).map(([outside, inside]) => `${placeIn(order, outside)}:${inside}`)}}`
}

/** Packages that a user may install beside: they are CommonJS, and stay outside. */
const optional = ['@nats-io/transport-node', '@nats-io/jwt']
/** Imports of what is not in a script: of packages beside, and of modules of the user. */
const OUTSIDE = /(\bawait |\breturn |=>)import\(/g

/**
 * An ESM chunk as a function that answers what it exports; what it is given has names that no module has. And
 * `import * as errno`, an object with a getter for each name, fills itself when it is first looked at: there are
 * thousands, and most are for tables that nobody asks. `orderOf` has the names of a script that returns a list.
 */
const scriptOf = (code, own, orderOf) => {
  const text = code
    .replace(NAMESPACE, (_, name, getters) => `${name}=$lazyNamespace(()=>(${getters}))`)
    .replace(IMPORT, (_, names, path) =>
      `${binding(names && taken(names, orderOf(basename(path))))}$load("${basename(path)}");`)
    .replace(BUILTIN, (_, names, star, whole, path) =>
      `${binding(names ? imported(names) : star ?? whole)}require("${path}");`)
    .replace(/\bimport\("\.\/([^"]*)"\)/g, '$$loadLater("$1")')
    // out of a script that was compiled before, Node 20 cannot import
    .replace(OUTSIDE, '$1$$import(')
    .replaceAll('import.meta.url', "$$moduleUrl('cli')")
    .replace(EXPORT, (_, names) => `return${answered(names, orderOf(own))}`)
    // a module of CommonJS that is imported later
    .replace(/export default ([\w$]+\(\));\s*$/, 'return{default:$1}')
    // esbuild leaves some characters in code of others
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `function($load,$loadLater,$lazyNamespace,require,$moduleUrl,$import){"use strict";${text}}`
}

/** Bytes below which it takes longer to open a file than to read what is in it. */
const SMALL = 16_384

/** The scripts that have to be loaded with those that are made from modules of such names. */
const loadedWith = (entries, { outputs }) => {
  const found = new Set()
  const add = (path) => {
    if (found.has(path)) return
    found.add(path)
    for (const one of outputs[path].imports) if (one.kind === 'import-statement' && !one.external) add(one.path)
  }
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (entries.test(entryPoint)) add(path)
  return [...found].map((path) => basename(path))
}

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })

const groups = laterModules(join(folder, '..'), laterGroups)

const command = await build({
  ...shared,
  entryPoints: [{ in: join(folder, 'src/command.ts'), out: 'command' }, ...groups.entries],
  conditions: ['lsmkit:source'],
  format: 'esm',
  splitting: true,
  outdir: target,
  write: false,
  metafile: true,
  define: Object.fromEntries(constants.map(([name, value]) => [name, String(value)])),
  external: optional,
  plugins: [groups.plugin, inlineNumbers, lazyModules(folder)],
})
refuseChanging(command.metafile)
refuseAbsolute(command.metafile)
/** File by script, where it has another name. */
const places = new Map()
/** The scripts of each file. */
const files = {}
const start = loadedWith(/src\/command\.ts$/, command.metafile)
/** All command lines except plain ones of `lsm run`. */
const program = loadedWith(/src\/program\.ts$/, command.metafile)
/** A program runs on the kernel, its host and the stack that it gets unless it is told another. */
const machine = loadedWith(/src\/commands\/run\.ts$|(?:capability|smack|yama)\/src\/index\.ts$/, command.metafile)

/** Subsystems of a kernel that shows its tree. */
const subsystems = loadedWith(/kernel\/src\/boot\/chosen\/index\.ts$/, command.metafile)
/** Groups of modules that some programs need, with the scripts that they import. */
const later = loadedWith(/^later:/, command.metafile)

const placeOf = (name, { length }) => {
  if (start.includes(name)) return 'start.js'
  if (program.includes(name) && !machine.includes(name)) return 'program.js'
  if (subsystems.includes(name) && !machine.includes(name)) return 'subsystems.js'
  // the large file has no script that other commands use too, and their file has none that programs need
  if (length < SMALL) return machine.includes(name) ? 'run.js' : later.includes(name) ? 'later.js' : 'small.js'
  return machine.includes(name) ? 'machine.js' : name
}
const orders = new Map(Object.entries(command.metafile.outputs).map(([path, { entryPoint, exports }]) =>
  [basename(path), entryPoint === undefined ? exports : null]))
for (const { path, text } of command.outputFiles) {
  const name = basename(path)
  const script = scriptOf(text, name, (one) => orders.get(one))
  const place = placeOf(name, script)
  // a script that lies alone has the name of its file
  if (place !== name) places.set(name, place)
  ;(files[place] ??= []).push([name, script])
}
const id = createHash('sha256')
for (const [file, scripts] of Object.entries(files)) {
  // V8 would make a map for each name of an object
  const text = `[${JSON.stringify(scripts.map(([name]) => name))},[${scripts.map(([, script]) => script)}]]`
  id.update(text)
  const [, held] = new Script(text).runInThisContext()
  if (!held.every((script) => typeof script === 'function')) throw new Error(`${file} holds what is not a function`)
  // who reads it takes a byte for a character
  if (Buffer.byteLength(text) !== text.length) throw new Error(`${file} is not plain ASCII`)
  writeFileSync(join(target, file), text)
}

/** What other people's packages ask for: their licences beside their code. */
const licences = () => {
  const folders = new Set(Object.keys(command.metafile.inputs).flatMap((path) =>
    /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))
  return [...folders].sort().map((path) => {
    const at = join(folder, path)
    const file = readdirSync(at).find((name) => /^licen[cs]e/i.test(name))
    const { name, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
    return `${name} (${license})\n\n${file === undefined ? '' : readFileSync(join(at, file), 'utf8').trim()}\n`
  }).join('\n\n')
}
writeFileSync(join(target, 'LICENSES'), licences())

await build({
  ...shared,
  entryPoints: [join(folder, 'src/executable.ts')],
  conditions: ['lsmkit:source'],
  format: 'cjs',
  outfile: join(dist, 'lsm.cjs'),
  banner: { js: '#!/usr/bin/env node' },
  minifyIdentifiers: true,
  define: {
    COMMAND_ID: JSON.stringify(id.digest('hex').slice(0, 16)),
    // V8 reads a text sooner than an object with as many names
    PLACES: JSON.stringify(JSON.stringify([...places])),
  },
})
