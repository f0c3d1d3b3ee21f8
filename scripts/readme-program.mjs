/** The first program of README.md, and the same on a kernel without the subsystems that it does not use. */

/** As it stands in the text. */
export function firstProgram(readme) {
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1]
  if (code === undefined) throw new Error('README.md has no program')
  return code
}

/** Each replacement has to find its place, once. */
function replaced(code, pairs) {
  return pairs.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`README.md: the program has not one \`${from}\``)
    return text.replace(from, to)
  }, code)
}

/** The same on a kernel without subsystems, as the text below it describes. */
export const smallProgram = (readme) =>
  replaced(firstProgram(readme), [
    ["'@lsmkit/kernel'", "'@lsmkit/kernel/boot'"],
    ['bootKernel({ stack })', 'bootKernel({ stack, subsystems: [] })'],
  ])

/** Both programs, with the kilobytes (of 1000 bytes, minified and gzipped) that README.md promises for each. */
export function bundledPrograms(readme) {
  const [, whole, small] = /In a bundle it weighs (\d+) kB.*?it is (\d+) kB/s.exec(readme) ?? []
  if (small === undefined) throw new Error('README.md does not say what its program weighs in a bundle')
  return [
    { name: 'README.md, first.mjs', code: firstProgram(readme), promised: Number(whole) },
    { name: 'the same, `subsystems: []`', code: smallProgram(readme), promised: Number(small) },
  ]
}
