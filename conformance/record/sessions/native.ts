/**
 * Random policies as `@lsmkit/native` compiles them for a kernel, and questions about a random tree. Actor 1 is in the
 * ruleset and asks; actor 0 is free, and undoes what was done.
 */
import { join } from 'node:path'
import { LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS } from '@lsmkit/abi'
import { ACCESS_FILE } from '@lsmkit/landlock/plan'
import { compile } from '@lsmkit/native'
import type { Facts, Plan } from '@lsmkit/native'
import { randomFrom, randomQuestion, randomRules } from '../../src/native/questions.ts'
import type { Question } from '../../src/native/questions.ts'
import { planTree } from '../../src/native/random-tree.ts'
import type { Tree, TreeStep } from '../../src/native/random-tree.ts'

const TREE = '/s'
const O_CREAT_EXCL_WRONLY = '0301'

const treeLines: Readonly<Record<TreeStep['make'], (path: string, to: string) => string>> = {
  folder: (path) => `0 mkdir ${path}`,
  file: (path) => `0 open 0 ${path} 0101`,
  link: (path, to) => `0 symlink ${to} ${path}`,
  name: (path, to) => `0 link ${to} ${path}`,
}

const factsOf = (landlock: number): Facts => ({
  arch: 'x64', landlock, seccomp: true, notifies: true, uid: 0, tasks: 0, hasChildrenList: true, cgroup: null,
  folders: {}, names: {}, missing: [],
})

/** The compiled ruleset, as the launcher puts it up. */
const rulesetLines = ({ landlock }: Plan, { files }: Tree): string[] => {
  if (landlock === null) return []
  const { fs, net, scope, paths, ports, flags } = landlock
  return [
    `1 create 0 ${fs} ${net} ${scope}`,
    ...paths.flatMap(({ place, rights }) => {
      const path = join(place.folder, place.below)
      const left = files.includes(path) ? rights & ACCESS_FILE : rights
      return left === 0 ? [] : [`1 rule 0 ${left} ${path}`]
    }),
    ...ports.map(([port, rights]) => `1 port 0 ${rights} ${port}`),
    // from ABI 11 on the ruleset gives privileges up itself
    ...(flags & LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS) === 0 ? ['1 nnp'] : [], `1 restrict 0 ${flags}`,
  ]
}

const inet = (port: number): string => `0200${port.toString(16).padStart(4, '0')}7f0000010000000000000000`

/** A question, and what undoes it if the answer is yes. */
const questionLines = ({ op, path, to = '', port = 0 }: Question): readonly string[] => {
  switch (op) {
    case 'read': return [`1 open 0 ${path} 0`]
    case 'write': return [`1 open 0 ${path} 1`]
    case 'both': return [`1 open 0 ${path} 2`]
    case 'list': return [`1 list ${path}`]
    case 'cut': return [`1 trunc ${path} 0`]
    case 'create': return [`1 open 0 ${path} ${O_CREAT_EXCL_WRONLY}`, `0 unlink ${path}`]
    case 'mkdir': return [`1 mkdir ${path}`, `0 rmdir ${path}`]
    case 'symlink': return [`1 symlink x ${path}`, `0 unlink ${path}`]
    case 'fifo': return [`1 mknod ${path} 010644 0`, `0 unlink ${path}`]
    case 'rename': return [`1 rename ${path} ${to} 0`, `0 rename ${to} ${path} 0`]
    case 'link': return [`1 link ${path} ${to}`, `0 unlink ${to}`]
    case 'execute': return [`1 exec ${path}`]
    case 'connect': return ['1 sock 0 2 1 0', `1 sconnect 0 ${inet(port)}`]
    case 'bind': return ['1 sock 0 2 1 0', `1 sbind 0 ${inet(port)}`]
  }
}

/** From this ABI on there are rights at ports of UDP. */
const UDP_ABI = 10
const DNS = 53
const udpActs = ['sconnect', 'sbind', 'ssendto'] as const

/** A socket of its own for each question: one that has no port yet. */
const udpLines = (at: number, port: number): readonly string[] =>
  ['1 sock 0 2 2 0', `1 ${udpActs[at % udpActs.length]} 0 ${inet([port, DNS, 0][at % 4] ?? port)}`]

/** `more`: the kernel's ABI, and the questions of a session after a comma. */
export function* generateNative(seed: number, count: number, more = '6'): Generator<string> {
  const [abi = 6, questions = 200] = more.split(',').map(Number)
  for (let at = seed; at < seed + count; at++) {
    const random = randomFrom(at)
    const { tree, steps } = planTree(TREE, random)
    yield `session ${at} abi=${abi}`
    yield* steps.map(({ make, path, to }) => treeLines[make](path, to))
    yield '0 spawn 1'
    const accept = abi >= UDP_ABI && at % 2 === 0 ? ['udp'] : []
    yield* rulesetLines(compile({ allow: randomRules(tree, random) }, factsOf(abi), { accept }), tree)
    for (let i = 0; i < questions; i++) {
      const question = randomQuestion(tree, random, i)
      yield* questionLines(question)
      if (abi >= UDP_ABI && i % 8 === 0) yield* udpLines(i / 8, question.port ?? 8000 + i)
    }
  }
}
