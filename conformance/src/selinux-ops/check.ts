/** One check as the table writes it, from the text of its record. */

const AVC = /^avc: {2}(granted|denied) {2}\{ (.*?) \} for (.*) scontext=\S*?:(\w+):\w+ tcontext=\S*?:(\w+):\w+ tclass=(\w+)/
const EXTRA = /\b(?:ioctlcmd=0x[0-9a-f]+|capability=\d+)/

/** `s_t o_t file { read open }`, with the record's details of ioctls and capabilities. */
export const checkOf = (text: string): string => {
  const parts = AVC.exec(text)
  if (parts === null) return `? ${text}`
  const [, decision, perms, common = '', source, target, tclass] = parts
  const extra = EXTRA.exec(common)
  const checked = `${source} ${target} ${tclass} { ${perms} }${extra === null ? '' : ` ${extra[0]}`}`
  return decision === 'denied' ? `DENIED ${checked}` : checked
}
