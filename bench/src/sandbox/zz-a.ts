import { bash } from '@lsmkit/just-bash'
import { createSandbox, memory } from '@lsmkit/sandbox'
const inline = process.argv[2] === 'inline'
const box = await createSandbox({ inline, allow: { read: ['/data', '/dev'], write: ['/data'], exec: ['/bin'] }, mounts: { '/data': memory() }, shell: bash(), limits: { time: 2000, memory: '64 MiB', output: '1 MiB' } })
await box.fs.writeFile('/data/a', Array.from({ length: 4000 }, (_, i) => `line ${i * 7 % 1000}`).join('\n'))
await box.fs.writeFile('/data/b', Array.from({ length: 4000 }, (_, i) => `line ${i * 11 % 1000}`).join('\n'))
await box.fs.writeFile('/data/hole', ''); await box.fs.truncate('/data/hole', 300e6)
await box.fs.writeFile('/data/vast', ''); await box.fs.truncate('/data/vast', 8e12)
for (const line of process.argv.slice(3)) {
  const t = performance.now(), c = process.cpuUsage()
  let peak = 0; const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5)
  const before = process.memoryUsage.rss()
  const r = await box.sh(line).catch((e) => ({ error: String(e), stdout: '', stderr: '' }))
  clearInterval(timer)
  const u = process.cpuUsage(c)
  console.log(line.slice(0, 70), '\n   ', JSON.stringify({ ...r, stdout: r.stdout.slice(0, 60), stderr: r.stderr.slice(0, 150), out: r.stdout.length, denials: undefined }), 'ms', (performance.now() - t).toFixed(0), 'cpu', ((u.user + u.system) / 1000).toFixed(0), 'peak+', ((peak - before) / 2 ** 20).toFixed(0))
}
console.log(await box.fs.readFile('/data/vast').catch((e) => e.code + ' ' + e.message))
await box.close()
