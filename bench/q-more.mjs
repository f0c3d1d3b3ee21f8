import { createSandbox } from '@lsmkit/sandbox'
const boxes = []
const open = () => createSandbox({ inline: process.argv[2] !== 'worker', mounts: {} }).catch((e) => { console.log(e); process.exit(1) })
for (let i = 0; i < 3; i++) boxes.push(await open())
const times = []
for (let i = 0; i < 60; i++) { const t = performance.now(); const c = process.cpuUsage(); boxes.push(await open()); const u = process.cpuUsage(c); times.push([(u.user + u.system) / 1000, performance.now() - t]) }
const col = (k) => times.map((t) => t[k]).sort((a, b) => a - b)
const q = (xs) => [xs[0], xs[Math.floor(xs.length / 2)], xs.at(-1)].map((x) => x.toFixed(2)).join(' ')
console.log('cpu', q(col(0)), 'wall', q(col(1)), 'first ten', times.slice(0, 10).map((t) => t[0].toFixed(1)).join(' '))
process.exit(0)
