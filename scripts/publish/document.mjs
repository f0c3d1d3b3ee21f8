/** The steps of a document for its reader: blocks of code with their language and file name, and links. */

/** In order: `{ language, file, text }`; a block's file is in its first line: ```ts [src/index.ts]. */
export function blocksOf(markdown) {
  return [...markdown.matchAll(/^```(\w*)(?: \[(.+?)\])?[^\n]*\n(.*?)^```$/gms)].map(([, language, file, text]) => ({
    language,
    file: file ?? null,
    text,
  }))
}

/** Targets of links and pictures, code left out. */
export function linksOf(markdown) {
  const prose = markdown.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map((match) => match[1])
}

/** As GitHub and npm make them of headings. */
export function anchorsOf(markdown) {
  const headings = markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.+)$/gm)
  return [...headings].map(([, text]) =>
    text.trim().toLowerCase().replace(/[`*]|\[|\]\([^)]*\)/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

/** The output that `console.log(…) // text` promises, a line each. */
export function promisesOf(program) {
  return [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1].trim())
}

/** The first promise that is not kept in its turn, or null. Lines between do no harm: a loop prints more often. */
export function brokenPromise(program, printed) {
  const lines = printed.split('\n').map((line) => line.trim())
  let from = 0
  for (const promise of promisesOf(program)) {
    const at = lines.indexOf(promise, from)
    if (at < 0) return promise
    from = at + 1
  }
  return null
}
