/** The output of the runner: for each session a line a call, then the tree at its end. */
export interface Answers {
  readonly calls: unknown[][]
  readonly final: unknown[]
  status: number
}

/** Rows of the tree begin with a path, answers with a number, an errno's name or `BLOCK`. */
const isTreeRow = (line: string): boolean => line.startsWith('["/')

export const readAnswers = (text: string): Map<number, Answers> => {
  const all = new Map<number, Answers>()
  let current: Answers | null = null
  for (const line of text.split('\n')) {
    if (line.startsWith('S ')) all.set(Number(line.slice(2)), (current = { calls: [], final: [], status: -1 }))
    else if (line.startsWith('E ')) current!.status = Number(line.slice(2))
    else if (line !== '') (isTreeRow(line) ? current!.final : current!.calls).push(JSON.parse(line) as unknown[])
  }
  return all
}
