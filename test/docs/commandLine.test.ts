/** The page of the command line names every command and every option that the command line has. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { expect, test } from 'vitest'

const COMMANDS = new URL('../../client/commands/', import.meta.url)
const PAGE = fileURLToPath(new URL('../../../docs/command-line.md', import.meta.url))

/** Options that every command has. */
const COMMON = ['--json', '--pipelines', '--home']

/** The commands that stand alone or in a group, each with the words that call it. */
async function commands(): Promise<readonly (readonly [words: string, command: Command])[]> {
  const files = (await readdir(COMMANDS)).filter((name) => name.endsWith('.js'))
  const modules = await Promise.all(files.map(async (name) => (await import(new URL(name, COMMANDS).href)) as Record<string, unknown>))
  const tops = modules.flatMap((exported) => Object.values(exported)).filter((value) => value instanceof Command)
  return tops.flatMap((top) =>
    top.commands.length === 0 ? [[top.name(), top] as const] : top.commands.map((one) => [`${top.name()} ${one.name()}`, one] as const),
  )
}

test('every command and every option stands on the page', async () => {
  const page = await readFile(PAGE, 'utf8')
  const all = await commands()
  expect(all.length).toBeGreaterThan(20)
  const missing = all.flatMap(([words, { options }]) => {
    // Several commands share a row: `schedule pause\|resume`; `run` of a backfill may be left out.
    const [first = '', second = ''] = words.split(' ')
    const rows = page.split('\n').filter((line) => line.startsWith('| `') && new RegExp(`\\b${first}\\b`).test(line))
    const named = second === '' || second === 'run' || rows.some((row) => new RegExp(`\\b${second}\\b`).test(row))
    const own = options.map(({ long }) => long ?? '').filter((long) => !COMMON.includes(long))
    return rows.length > 0 && named
      ? own.filter((long) => !rows.some((row) => row.includes(long))).map((long) => `${words} ${long}`)
      : [words]
  })
  expect(missing).toEqual([])
  expect(COMMON.filter((long) => !page.includes(long))).toEqual([])
})
