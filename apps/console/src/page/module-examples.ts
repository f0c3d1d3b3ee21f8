/** The modules that the Module view starts from, and the lines that show what each refuses. */
const texts = import.meta.glob<string>('../../modules/*.ts', { query: '?raw', import: 'default', eager: true })
const textOf = (name: string): string => texts[`../../modules/${name}.ts`]!

export interface ModuleExample {
  readonly title: string
  readonly text: string
  /** Shell lines: `$` runs one as the visitor, `#` as root. */
  readonly program: string
}

export const moduleExamples: Readonly<Record<string, ModuleExample>> = {
  suffix: {
    title: 'by the end of a name',
    text: textOf('suffix'),
    program: '$ echo hello > note.txt\n$ echo secret > door.key\n# cat /srv/report\n',
  },
  age: {
    title: 'by age',
    text: textOf('age'),
    program: '$ cp /usr/bin/id mine\n$ chmod 755 mine\n$ ./mine\n',
  },
  origin: {
    title: 'by a label in an attribute',
    text: textOf('origin'),
    program: '$ cp /etc/passwd copy\n$ cp copy again\n$ cat copy\n',
  },
  quota: {
    title: 'by how much a user has',
    text: textOf('quota'),
    program: '$ echo 1 > a\n$ echo 2 > b\n$ echo 3 > c\n$ echo 4 > d\n# echo 5 > /tmp/e\n',
  },
}
