/**
 * Our functions of WASI 0.2 as `@bytecodealliance/preview2-shim` exports its own: classes, camelCase, errors that are
 * thrown. Every call goes through the words and the memory of a component that does not exist. The types are those of
 * the WIT files in `@bytecodealliance/jco`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AT_FDCWD, O_CREAT, O_RDONLY, O_WRONLY } from '../../../packages/abi/src/index.ts'
import { capability } from '../../../packages/capability/src/index.ts'
import { createStack } from '../../../packages/core/src/index.ts'
import { hostfs } from '../../../packages/kernel/src/hostfs.ts'
import { bootKernel } from '../../../packages/kernel/src/index.ts'
import { Callee } from '../../../packages/wasi/src/component/callee.ts'
import { interfaces } from '../../../packages/wasi/src/component/host/table.ts'
import { ComponentInstance } from '../../../packages/wasi/src/component/instance.ts'
import { readComponent } from '../../../packages/wasi/src/component/read-component.ts'
import { ResourceType } from '../../../packages/wasi/src/component/resources.ts'
import { declaredInstance, exportOf, Scope } from '../../../packages/wasi/src/component/scope.ts'
import { Transfer } from '../../../packages/wasi/src/component/transfer.ts'
import { signatureOf } from '../../../packages/wasi/src/component/value-types.ts'
import { liftResult, lowerParams } from '../../../packages/wasi/src/component/words.ts'
import { guestOn } from '../../../packages/wasi/src/testing/guest.ts'

const { resolve: find } = createRequire(new URL('../../../packages/wasi/package.json', import.meta.url))
const { componentEmbed, componentNew } =
  await import(pathToFileURL(find('@bytecodealliance/jco-transpile/wasm-tools')).href)

/** A component that imports all of WASI and calls none of it. */
const everything = async () => {
  const builtin = join(dirname(dirname(find('@bytecodealliance/jco'))), 'lib/wit/builtin')
  const version = readdirSync(builtin).filter((name) => /^0\.2\.\d+$/.test(name)
    && readdirSync(join(builtin, name)).includes('wasi-http')).at(-1)
  // as one text: a package is `package NAME { … }` where it is not alone
  const packages = readdirSync(join(builtin, version)).map((name) =>
    readFileSync(join(builtin, version, name, 'package.wit'), 'utf8')
      .replace(/^\s*package ([^;]+);/, 'package $1 {').concat('\n}\n'))
  const witSource = `package lsmkit:all@1.0.0;
world all {
  include wasi:cli/imports@${version};
  import wasi:http/types@${version};
  import wasi:http/outgoing-handler@${version};
  import wasi:random/insecure@${version};
  import wasi:random/insecure-seed@${version};
}
${packages.join('')}`
  return new Uint8Array(await componentNew(await componentEmbed({ dummy: true, witSource, world: 'all' })))
}

const camel = (name) => name.replace(/-([a-z\d])/gi, (_, letter) => letter.toUpperCase())
const pascal = (name) => camel(`-${name}`)

/** One page of scratch for each call, from its beginning. */
const memory = new WebAssembly.Memory({ initial: 256 })
let free = 64
const realloc = (_old, _length, align, size) => {
  const at = Math.ceil(free / align) * align
  free = at + size
  return at
}

/** The program that calls: it sees the host's files beneath the folder, and whatever its kernel has. */
const callerOf = (folder) => {
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability()] }), mounts: [{ type: hostfs({ path: folder }), target: folder }],
  })
  const { sys, init } = kernel
  // its standard streams
  for (const flags of [O_RDONLY, O_WRONLY, O_WRONLY]) sys.openat(init, AT_FDCWD, '/streams', flags | O_CREAT, 0o600)
  const { process: caller } = guestOn(kernel, { memory })
  return new Callee(caller, caller.memory, new ComponentInstance(), realloc)
}

/** Classes of resources, by their types. */
const classes = new Map()
const HANDLE = Symbol('handle')

const toJs = (type, value) => {
  switch (type.kind) {
    case 'own': case 'borrow': return classes.get(type.resource).of(value)
    case 'list': return value instanceof Uint8Array ? value : value.map((one) => toJs(type.of, one))
    case 'tuple': return type.fields.map(([, field], i) => toJs(field, value[i]))
    case 'record':
      return Object.fromEntries(type.fields.map(([name, field]) => [camel(name), toJs(field, value[name])]))
    case 'option': return value === null ? undefined : toJs(type.cases[1][1], value)
    case 'result': {
      const [name, of] = type.cases.find(([one]) => one in value)
      return { tag: name === 'ok' ? 'ok' : 'err', val: of === null ? undefined : toJs(of, value[name]) }
    }
    case 'variant': {
      const [, of] = type.cases.find(([one]) => one === value.case)
      return of === null ? { tag: value.case } : { tag: value.case, val: toJs(of, value.value) }
    }
    case 'flags': return Object.fromEntries(type.names.map((name) => [camel(name), value.includes(name)]))
    default: return value
  }
}

const fromJs = (type, value) => {
  switch (type.kind) {
    case 'own': case 'borrow': return value[HANDLE]
    case 'list': return value instanceof Uint8Array ? value : Array.from(value, (one) => fromJs(type.of, one))
    case 'tuple': return type.fields.map(([, field], i) => fromJs(field, value[i]))
    case 'record':
      return Object.fromEntries(type.fields.map(([name, field]) => [name, fromJs(field, value[camel(name)])]))
    case 'option': return value === undefined || value === null ? null : fromJs(type.cases[1][1], value)
    case 'variant': {
      const of = type.cases.find(([one]) => one === value.tag)?.[1] ?? null
      return { case: value.tag, value: of === null ? null : fromJs(of, value.val) }
    }
    case 'flags': return type.names.filter((name) => value?.[camel(name)] === true)
    default: return value
  }
}

/** A component that breaks a rule ends; this one goes on, with an error. */
const withoutEnd = ({ process: caller }, call) => {
  try {
    return call()
  } catch (error) {
    const { ending } = caller
    caller.ending = null
    throw ending === null ? error : new Error(ending.reason)
  }
}

/** A function of ours as JavaScript calls it. */
const caller = (callee, functions, name, signature) => (...args) => {
  free = 64
  const { params, tuple, result } = signature()
  const transfer = new Transfer(callee, true)
  const words = lowerParams(transfer, params, tuple, params.map((type, i) => fromJs(type, args[i])))
  const spills = result !== null && result.flat.length > 1
  const ret = spills ? callee.allocate(result.size, result.align) : 0
  const answer = withoutEnd(callee, () => functions[name](...words, ...spills ? [ret] : []))
  if (result === null) return undefined
  const value = liftResult(transfer, result, spills ? ret : answer)
  if (result.kind !== 'result') return toJs(result, value)
  const { tag, val } = toJs(result, value)
  if (tag === 'err') throw val
  return val
}

const classOf = (callee) => {
  class Resource {
    static of(handle) {
      const made = Object.create(this.prototype)
      made[HANDLE] = handle
      return made
    }

    [Symbol.dispose]() {
      const { handles } = callee.instance
      const entry = handles.at(this[HANDLE])
      handles.remove(this[HANDLE])
      entry?.rep?.drop?.()
    }
  }
  return Resource
}

/** The exports of one interface. */
const viewOf = (callee, from, declared) => {
  const functions = interfaces[from](callee)
  const view = {}
  for (const [name, { sort, value }] of declared) {
    if (sort !== 'type' || !(value instanceof ResourceType)) continue
    if (!classes.has(value)) classes.set(value, classOf(callee))
    view[pascal(name)] = classes.get(value)
  }
  for (const [name, { sort, value }] of declared) {
    if (sort !== 'func') continue
    const call = caller(callee, functions, name, value)
    const [, kind, resource, member] = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name) ?? []
    const own = resource === undefined ? null : view[pascal(resource)]
    if (own === null) view[camel(name)] = call
    else if (kind === 'static') own[camel(member)] = call
    else if (kind === 'method') own.prototype[camel(member)] = function method(...args) {
      return call(this, ...args)
    }
    else {
      // called by `new`, which the class itself cannot be made to answer
      view[pascal(resource)] = new Proxy(own, { construct: (_, args) => call(...args) })
    }
  }
  return view
}

/** `{ cli, clocks, filesystem, http, io, random, sockets }`. */
export const hostsOn = async (folder) => {
  const callee = callerOf(folder)
  const scope = new Scope(null)
  const views = {}
  for (const part of readComponent(await everything()).parts) {
    if (part.kind === 'core module') break
    if (part.kind === 'type') scope.push('type', { part: part.type, scope })
    else if (part.kind === 'alias')
      scope.push(part.sort, exportOf(scope.get('instance', part.instance), part.sort, part.name))
    else if (part.kind === 'import') {
      const declared = declaredInstance(scope.declared(part.extern.type, 'instance'), {
        func: (_, type) => () => signatureOf(type), count() {},
      })
      scope.push('instance', declared)
      const [, of, name] = /^wasi:([^/]+)\/([^@]+)@/.exec(part.name)
      views[of] ??= {}
      views[of][camel(name)] = viewOf(callee, `wasi:${of}/${name}`, declared)
    }
  }
  return views
}
