import { bash } from '@lsmkit/just-bash'
import { createSandbox, memory } from '@lsmkit/sandbox'
import { Bash } from 'just-bash'
const commands = [
  'ls -lR /data > /dev/null', 'find /data -type f -name "*.txt" | wc -l', 'grep -r TODO /data | sort | head',
  'cat /data/*/*.txt | wc -c', 'cp -r /data/d1 /data/copy; rm -r /data/copy', 'du -a /data | tail -1',
  'sed -i s/line/LINE/ /data/d2/*.txt', 'mkdir -p /data/n/m; touch /data/n/m/f; mv /data/n /data/o; rm -r /data/o',
]
const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) =>
  [`/data/d${i % 20}/f${i}.txt`, `line ${i}\nTODO ${i}\n`.repeat(20)]))
const box = await createSandbox({
  inline: true, allow: { read: ['/data'], write: ['/data'], exec: ['/bin'] }, mounts: { '/data': memory() },
  shell: bash(),
})
for (const [path, text] of Object.entries(files)) {
  await box.fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true })
  await box.fs.writeFile(path, text)
}
const plain = new Bash({ files })
const time = async (run) => { const s = process.cpuUsage(); await run(); const { user, system } = process.cpuUsage(s); return (user + system) / 1000 }
for (const c of commands) { await plain.exec(c); const r = await box.sh(c); if (r.stderr) console.log(r.stderr) }
for (let round = 0; round < 3; round++) for (const c of commands) { await plain.exec(c); await box.sh(c) }
const N = Number(process.argv[2] ?? 8)
const sums = commands.map(() => [0, 0])
let [tp, to] = [0, 0]
for (let i = 0; i < N; i++) for (const [k, c] of commands.entries()) {
  const p = await time(() => plain.exec(c)), o = await time(() => box.sh(c))
  sums[k][0] += p; sums[k][1] += o; tp += p; to += o
}
for (const [k, c] of commands.entries()) console.log(c.slice(0, 40).padEnd(42), (sums[k][0] / N).toFixed(1), (sums[k][1] / N).toFixed(1), (sums[k][1] / sums[k][0]).toFixed(2))
console.log('total', (tp / N).toFixed(1), (to / N).toFixed(1), (to / tp).toFixed(2))
await box.close()
