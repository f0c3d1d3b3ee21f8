// run as: node --conditions=lsmkit:source micro.ts ROOT MACHINES ; prints µs of processor time per op
import { join } from 'node:path'
const [,, root, machines = '1'] = process.argv
const { bootForTest } = await import(join(root, 'packages/kernel/src/testing/boot.ts'))
const { sockaddrIn } = await import(join(root, 'packages/kernel/src/state/net/sockaddr.ts'))
const kernels = Array.from({ length: Number(machines) }, () => bootForTest())
const data = new TextEncoder().encode('hello world')
const buf = new Uint8Array(64)
const mk = (k: any) => {
  const { sys, init } = k
  const fds = [-1, -1]; sys.socketpair(init, 1, 1, 0, fds)
  const [a, b] = fds
  const addr = sockaddrIn('127.0.0.1', 8080)
  const s = sys.socket(init, 2, 1, 0); sys.bind(init, s, addr, addr.length); sys.listen(init, s, 4)
  const c = sys.socket(init, 2, 1, 0); sys.connect(init, c, addr, addr.length)
  const d = sys.accept4(init, s, null, null, 0)
  const ud = sockaddrIn('127.0.0.1', 9090)
  const u = sys.socket(init, 2, 2, 0); sys.bind(init, u, ud, ud.length)
  k.file('/tmp/f', 'x')
  const p = [-1, -1]; sys.pipe2(init, p, 0)
  return {
    access: () => sys.access(init, '/tmp/f', 4),
    setuid: () => sys.setresuid(init, 0, 0, 0),
    kill0: () => sys.kill(init, 1, 0),
    forkexit: () => { const t = k.fork(); sys.exit_group(t, 0); sys.wait4(init, -1, null, 0, null) },
    unix: () => { sys.sendto(init, a, data, 11, 0, null, 0); sys.recvfrom(init, b, buf, 64, 0, null, null) },
    tcp: () => { sys.sendto(init, c, data, 11, 0, null, 0); sys.recvfrom(init, d, buf, 64, 0, null, null) },
    udp: () => { sys.sendto(init, u, data, 11, 0, ud, ud.length); sys.recvfrom(init, u, buf, 64, 0, null, null) },
    pipe: () => { sys.write(init, p[1], data); sys.read(init, p[0], buf) },
    openclose: () => { const x = sys.openat(init, -100, '/tmp/f', 0, 0); sys.close(init, x) },
    poll: () => { const e = { fd: d, events: 5, revents: 0 }; sys.poll(init, [e], 1, 0) },
    connect: () => { const x = sys.socket(init, 2, 1, 0); sys.connect(init, x, addr, addr.length); const y = sys.accept4(init, s, null, null, 0); sys.close(init, y); sys.close(init, x) },
    mmap: () => { const p = sys.mmap(init, 0, 8192, 3, 0x22, -1, 0); sys.munmap(init, p, 8192) },
  }
}
const acts = kernels.map(mk)
const names = Object.keys(acts[0]) as (keyof typeof acts[0])[]
const times: any = { forkexit: 400, connect: 800 }
const out: Record<string, number> = {}
for (const name of names) {
  const n = times[name] ?? 8000
  const best: number[] = []
  for (let round = 0; round < 25; round++) {
    const t0 = process.cpuUsage()
    for (const act of acts) for (let i = 0; i < n / acts.length; i++) act[name]()
    const t = process.cpuUsage(t0)
    best.push((t.user + t.system) / n)
  }
  best.sort((x, y) => x - y)
  out[name] = best[3]
}
console.log(JSON.stringify(out))
