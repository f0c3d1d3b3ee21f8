/** Rows of openat2: the table shows `how={flags=…}` before the call; the names they open were made by a macro. */

const MADE = 'mkdir("d", 0755); mkf("d/f", 0644); mkf("f", 0644); symlink("f", "l");'

/** The row's texts as C. */
export const withHow = (setup: string, calls: string): readonly [setup: string, calls: string] => [
  calls.startsWith('how={') ? MADE : setup,
  calls.replace(
    /^how=\{(.*?)\};/,
    (_all, fields: string) => `struct open_how how = { ${fields.replace(/(\w+)=/g, '.$1=')} };`,
  ),
]
