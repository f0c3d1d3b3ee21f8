/** C texts in the style of hook-trace.tsv: what their calls answer, and which hooks are asked. */
import { expect, test } from 'vitest'
import { interpret } from '../hook-trace/interpret.ts'
import { World } from '../hook-trace/world.ts'
import { machineWithHeaders } from './libc.ts'
import { CMachine } from './machine.ts'
import { stringCalls } from './strings.ts'

const run = (setup: string, calls: string): { rc: number; hooks: string }[] => {
  const world = new World()
  const start = interpret(world, setup, calls)
  return world.record(start).map(({ rc, hooks }) => ({ rc: Math.sign(rc), hooks: hooks.join(' ') }))
}

test('a forked child runs the rest of its block, on memory of its own', () => {
  const setup = `int p[2], n = 1; pipe(p); int k = fork();
    if (!k) { n = 2; write(p[1], "ab", n); _exit(3); } int s; waitpid(k, &s, 0);`
  expect(run(setup, 'read(p[0], buf, 10 + (n == 1) + (s == 3 << 8))')).toEqual([{ rc: 1, hooks: 'file_permission' }])
  expect(run(`${setup} close(p[1]); read(p[0], buf, 2);`, 'read(p[0], buf, 1)')).toEqual([
    { rc: 0, hooks: 'file_permission' },
  ])
})

test('a child that sleeps stays, and is told of', () => {
  const setup = 'int q = msgget(IPC_PRIVATE, 0600); int k = fork(); if (!k) { msgrcv(q, &mb, 64, 0, 0); _exit(0); }'
  expect(run(setup, 'msgsnd(q, &mb, 1, 0)')[0]!.rc).toBe(0)
  expect(run(setup, 'kill(k, 0)')).toEqual([{ rc: 0, hooks: 'task_kill' }])
})

test('a child of the window ends at once', () => {
  expect(run('-', 'p = fork(); wait4(p, NULL, 0, NULL)').map(({ rc }) => rc)).toEqual([1, 1])
})

test.each<readonly [text: string, value: number]>([
  ['int n = 0; do n++; while (n < 3); n', 3],
  ['int n = 0; for (;;) { if (++n == 5) break; if (n < 4) continue; n = 4; } n', 5],
  ['char s[20]; sprintf(s, "%s/%02d %x", "a", 7, 255); strlen(s) + (s[2] == 48)', 8],
  ['char s[8]; snprintf(s, 4, "%d", 12345); strcmp(s, "123")', 0],
  ['char s[9] = "ab"; strcat(s, "cd"); memcmp(s, "abcd", 5)', 0],
])('%s', (text, value) => {
  const m = new CMachine(() => undefined)
  const functions = stringCalls(m)
  m.functions = (name) => functions[name]
  expect(m.run(text)).toBe(value)
})

test('what a text declares is its own', () => {
  const [first, second] = [machineWithHeaders(), machineWithHeaders()]
  first.run('struct mine { int a; }; int x = 5; one = 7;')
  expect(() => second.struct('mine')).toThrow('no struct `mine`')
  expect(second.addressOf('x')).toBeNull()
  expect(second.run('one')).toBe(1)
  expect(() => first.run('struct stat { int a; };')).toThrow('`stat` is defined twice')
})

test('a loop that never ends is a mistake of the text', () => {
  expect(() => run('for (;;) ;', 'getpid()')).toThrow('a loop does not end')
})

test.each<readonly [setup: string, calls: string, rc: number]>([
  ['siginfo_t i = { .si_code = SI_QUEUE }; signal(SIGUSR1, SIG_IGN);', 'rt_sigqueueinfo(getpid(), SIGUSR1, &i)', 0],
  ['struct rlimit r = { 100, 50 };', 'setrlimit(RLIMIT_NOFILE, &r)', -1],
  ['struct rlimit r = { 50, 100 };', 'setrlimit(RLIMIT_NOFILE, &r)', 0],
  ['gid_t g[2] = { 5, 6 };', 'setgroups(2, g)', 0],
  ['int k = kid(0, openf), f = S(pidfd_open, k, 0);', 'pidfd_getfd(f, 40, 0)', 1],
  ['int k = kid(0, ns_all); int f = open(pp(k, "ns/uts"), O_RDONLY);', 'setns(f, CLONE_NEWUTS)', 0],
  ['struct sched_attr a = { .size = 48, .sched_policy = 3 };', 'sched_setattr(0, &a, 0)', 0],
  ['-', 'syscall(39)', 1],
  ['cpf("/probe", "x", 0644);', 'execve("./x", av, ev)', -1],
  ['cpf("/probe", "x", 0755);', 'execve("./x", av, ev)', 0],
])('%s %s', (setup, calls, rc) => {
  expect(run(setup, calls).at(-1)!.rc).toBe(rc)
})
