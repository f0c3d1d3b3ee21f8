/**
 * Commands on a tree of 300 files: `box.sh` of the installed packages over just-bash on its own files, by the
 * processor's time. `inline|worker COUNT`: that many ratios as JSON, each of all commands.
 */
import { createSandbox, memory } from '@lsmkit/sandbox'
import { bash } from '@lsmkit/just-bash'
import { Bash } from 'just-bash'

const [where, count] = process.argv.slice(2)
const commands = [
  'ls -lR /data > /dev/null', 'find /data -type f -name "*.txt" | wc -l', 'grep -r TODO /data | sort | head',
  'cat /data/*/*.txt | wc -c', 'cp -r /data/d1 /data/copy; rm -r /data/copy', 'du -a /data | tail -1',
  'sed -i s/line/LINE/ /data/d2/*.txt', 'mkdir -p /data/n/m; touch /data/n/m/f; mv /data/n /data/o; rm -r /data/o',
]
const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) =>
  [`/data/d${i % 20}/f${i}.txt`, `line ${i}\nTODO ${i}\n`.repeat(20)]))

const box = await createSandbox({
  inline: where === 'inline', allow: { read: ['/data'], write: ['/data'], exec: ['/bin'] },
  mounts: { '/data': memory() }, shell: bash(),
})
for (const [path, text] of Object.entries(files)) {
  await box.fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true })
  await box.fs.writeFile(path, text)
}
const plain = new Bash({ files })

const timeOf = async (run) => {
  const start = process.cpuUsage()
  for (const command of commands) await run(command)
  const { user, system } = process.cpuUsage(start)
  return user + system
}
for (const command of commands) {
  const [theirs, ours] = [await plain.exec(command), await box.sh(command)]
  if (theirs.stdout !== ours.stdout && !command.startsWith('du')) throw new Error(`${command}: ${ours.stdout}`)
}
const ratios = []
for (let i = 0; i < Number(count); i++) {
  const theirs = await timeOf((command) => plain.exec(command))
  ratios.push(await timeOf((command) => box.sh(command)) / theirs)
}
process.stdout.write(JSON.stringify(ratios), () => process.exit())
