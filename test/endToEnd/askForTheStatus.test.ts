/** `daybreak status` says the same of a date by disk, by server and by both. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CommandResult, install, WAITS_LONG } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const NOBODY = { TEMPORAL_ADDRESS: '127.0.0.1:1' }

interface Answer {
  readonly source: string
  readonly pipelines: readonly { readonly name: string; readonly problem?: string }[]
  readonly days: readonly { readonly date: string; readonly state: string; readonly stale?: readonly string[] }[]
}
const documentOf = ({ stdout }: CommandResult): Answer => JSON.parse(stdout)

describe.concurrent('status', () => {
  test('by disk names what is published, failed, missing and stale, and the commands that mend it', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver('2026-03-02')
    await here.deliver('2026-03-03', 'column-gone')
    await here.deliver('2026-03-05')
    for (const date of ['2026-03-02', '2026-03-03', '2026-03-05']) await here.commandWith(NOBODY, 'run', 'churn', '--date', date, '--local')
    const fresh = documentOf(await here.commandWith(NOBODY, 'status', 'churn', '--json'))
    expect(fresh.days.map(({ date, state }) => [date.slice(-2), state])).toEqual([
      ['05', 'pass'],
      ['04', 'missing'],
      ['03', 'failed'],
      ['02', 'pass'],
    ])
    expect(fresh.days[0]).toMatchObject({
      published: 'a001',
      rows: 5000,
      rejected: 0,
      attempt: 'a001',
      kind: 'manual',
      report: expect.stringContaining('report_'),
    })
    expect(fresh.days.every(({ stale }) => stale === undefined)).toBe(true)

    await writeFile(here.inputPath('2026-03-05'), `${await readFile(here.inputPath('2026-03-05'), 'utf8')}CUST999999,40,1,1,2026-01-01\n`)
    const text = (await here.commandWith(NOBODY, 'status', 'churn')).stdout
    expect(text).toContain('pass, stale: input')
    expect(text).toContain('daybreak backfill churn --from 2026-03-05 --to 2026-03-05 --mode stale')
    expect(text).toContain('daybreak backfill churn --from 2026-03-04 --to 2026-03-04 --mode missing')
    expect(text).toContain('disk only')

    const asked = await here.commandWith(NOBODY, 'status', 'churn', '--from', '2026-02-20', '--to', '2026-03-02')
    expect(asked.stdout).toMatch(/2026-02-20 … 2026-03-01 +missing \(10 dates\)/)
    for (const wrong of [
      ['--from', '2026-03-05', '--to', '2026-03-01'],
      ['--from', '2020-01-01', '--to', '2026-03-01'],
    ])
      expect((await here.commandWith(NOBODY, 'status', 'churn', ...wrong)).code).toBe(2)
  })

  test('of several pipelines lists all, today first; a broken one is named and its days stay', MINUTE, async (context) => {
    const here = await install(context, "notify: {}, owner: 'the data team'")
    await here.deliver('2026-03-02')
    await here.commandWith(NOBODY, 'run', 'churn', '--date', '2026-03-02', '--local')
    await mkdir(join(here.settings.pipelines, 'broken'))
    await writeFile(join(here.settings.pipelines, 'broken', 'pipeline.ts'), 'export default { name: 1 }')
    const { pipelines, days } = documentOf(await here.commandWith(NOBODY, 'status', '--json'))
    expect(pipelines).toMatchObject([
      { name: 'broken', problem: expect.any(String) },
      { name: 'churn', owner: 'the data team', tags: ['churn', 'customers', 'daily'] },
    ])
    expect(days).toMatchObject([{ pipeline: 'churn', date: '2026-03-02', state: 'pass' }])
    expect((await here.commandWith(NOBODY, 'status')).stdout).toContain('broken: the definition cannot be used')
  })

  test('by server alone tells what the runs told, and what runs now', MINUTE, async (context) => {
    const here = await install(context)
    await here.startWorker()
    await here.deliver()
    await here.run()
    await here.define(WAITS_LONG)
    const run = await here.start({ date: '2026-03-09' })
    await here.commandWith({}, 'status')
    const elsewhere = { DAYBREAK_HOME: join(here.folder, 'nowhere'), DAYBREAK_PIPELINES: join(here.folder, 'none') }
    const answer = documentOf(await here.commandWith(elsewhere, 'status', 'churn', '--json'))
    expect(answer.source).toContain('server only')
    expect(answer.days[0]).toMatchObject({ date: '2026-03-09', state: 'running' })
    expect(answer.days.at(-1)).toMatchObject({ date: '2026-03-03', state: 'pass', rows: 5000, published: 'a001' })
    await run.terminate()
  })
})
