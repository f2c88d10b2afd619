/** The schedule commands say on a real server what is applied, what differs, what is refused, and which dates they mean. */
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import { type NextRun, type ScheduleState, scheduledPipelines } from '../../client/server/scheduleState.js'
import { day, formatDay } from '../../definition/dates.js'
import { cronFiresOn } from '../../engine/loader/cronFields.js'
import { scheduleIds } from '../../engine/protocol/ids.js'
import { localDay } from '../../engine/protocol/schedule.js'
import { type CommandResult, type Installation, install, until } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const documentOf = <T>({ stdout }: CommandResult): T => JSON.parse(stdout) as T

/** An installation whose schedules go when the test has ended. */
async function scheduled(context: TestContext, schedule: string): Promise<Installation> {
  const here = await install(context, `notify: {}, schedule: ${schedule}`)
  context.onTestFinished(async () => {
    const server = await here.client()
    for (const name of await scheduledPipelines(server, here.settings))
      await server.client.schedule.getHandle(scheduleIds.make({ name: here.settings.name, pipeline: name })).delete()
  })
  return here
}

const shown = async (here: Installation) =>
  documentOf<{ schedules: ScheduleState[]; orphans: string[] }>(await here.command('schedule', 'show', '--json'))

describe.concurrent('a schedule', () => {
  test('is applied once, shown with its next dates, changed with a difference, and removed', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *', timeZone: 'Europe/Berlin' }")
    const dry = await here.command('schedule', 'apply', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('cron: 0 6 * * *') })
    expect((await shown(here)).schedules).toEqual([])
    expect((await here.command('schedule', 'apply')).code).toBe(0)
    expect((await here.command('schedule', 'apply')).stdout).toContain('is as the definition asks')

    const [state] = (await shown(here)).schedules
    expect(state).toMatchObject({
      pipeline: 'churn',
      cron: '0 6 * * *',
      timeZone: 'Europe/Berlin',
      dataDate: 'previous-day',
      paused: false,
    })
    expect(state?.next).toHaveLength(5)
    const first = localDay(Date.parse(state!.next[0]!.at), 'Europe/Berlin')
    expect(state?.next.map(({ date }) => day(date) - first)).toEqual([-1, 0, 1, 2, 3])

    await here.define("notify: {}, schedule: { cron: '30 7 * * 1-5', dataDate: { daysBefore: 3 } }")
    const changed = await here.command('schedule', 'apply', 'churn')
    for (const line of ['cron: 0 6 * * * → 30 7 * * 1-5', 'time zone: Europe/Berlin → UTC', 'data date: previous-day → 3 days before']) {
      expect(changed.stdout).toContain(line)
    }
    expect((await here.command('schedule', 'remove', 'churn')).stdout).toContain('is removed')
    expect(await here.command('schedule', 'remove', 'churn')).toMatchObject({ code: 0, stdout: expect.stringContaining('has no schedule') })
    expect((await here.command('schedule', 'pause', 'churn')).code).toBe(2)
  })

  test('that somebody else changed is named so, and mended', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *' }")
    await here.command('schedule', 'apply')
    const { client } = await here.client()
    await client.schedule
      .getHandle(scheduleIds.make({ name: here.settings.name, pipeline: 'churn' }))
      .update((now) => ({ ...now, spec: { cronExpressions: ['0 9 * * *'] } }))
    expect((await here.command('schedule', 'apply')).stdout).toContain('times: changed by somebody else → 0 6 * * *')
    expect((await shown(here)).schedules[0]?.next[0]?.at).toContain('T06:00:00')
    await client.schedule
      .getHandle(scheduleIds.make({ name: here.settings.name, pipeline: 'churn' }))
      .update((now) => ({ ...now, policies: { ...now.policies, overlap: 'SKIP' } }))
    expect((await here.command('schedule', 'apply')).stdout).toContain('overlap: SKIP → BUFFER_ALL')
  })

  test.for([
    ["{ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }", /does not fire on 2027-03-28/],
    ["{ cron: '30 1 * * *', timeZone: 'America/New_York' }", /fires more than once on 2027-11-07/],
    ["{ cron: '0 */6 * * *' }", /fires more than once on/],
  ] as const)('%s is refused, naming the day', MINUTE, async ([schedule, said], context) => {
    const here = await scheduled(context, schedule)
    const result = await here.command('schedule', 'apply', '--json')
    expect(result.code).toBe(2)
    expect(documentOf<{ refused: { error: object }[] }>(result).refused).toMatchObject([
      { error: { code: 'ScheduleUnfit', message: expect.stringMatching(said) } },
    ])
    expect(await scheduledPipelines(await here.client(), here.settings)).toEqual([])
  })

  test('is paused and resumed; triggered, it says which date it means', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *' }")
    await here.command('schedule', 'apply')
    expect(await here.command('schedule', 'pause', 'churn', '--reason', 'the source moves')).toMatchObject({ code: 0 })
    const paused = (await shown(here)).schedules[0]
    expect(paused).toMatchObject({ paused: true, note: expect.stringContaining('the source moves') })
    expect((await here.command('schedule', 'pause', 'churn')).stdout).toContain('was paused before')
    expect((await here.command('schedule', 'resume', 'churn')).stdout).toContain('runs again')

    await here.startWorker()
    const triggered = documentOf<NextRun>(await here.command('schedule', 'trigger', 'churn', '--json'))
    expect(triggered.date).toBe(formatDay(localDay(Date.parse(triggered.at), 'UTC') - 1))
    await until('the day has run', async () => {
      const { stdout } = await here.command('status', 'churn', '--date', triggered.date, '--json')
      return stdout.includes('"input-missing"')
    })
  })

  test('names the days that a pause kept from starting, and the queued ones that it dropped', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *', dataDate: 'same-day' }")
    await here.command('schedule', 'apply')
    await here.command('schedule', 'pause', 'churn')
    const { client } = await here.client()
    const handle = client.schedule.getHandle(scheduleIds.make({ name: here.settings.name, pipeline: 'churn' }))
    // A second stands for a day; no worker is there, so the first start is never over.
    await handle.update((now) => ({ ...now, spec: { intervals: [{ every: '1s' }] } }))
    await until('two were missed', async () => ((await shown(here)).schedules[0]?.waiting.length ?? 0) >= 2)
    const resumed = await here.command('schedule', 'resume', 'churn')
    const today = formatDay(localDay(Date.now(), 'UTC'))
    expect(resumed.stdout).toContain(`Days that were not started meanwhile: ${today}, `)
    expect(resumed.stdout).toContain(`daybreak backfill churn --from ${today} --to ${today} --mode missing`)
    await until('one is started, others queue', async () => {
      const [state] = (await shown(here)).schedules
      return (state?.recent.length ?? 0) > 0 && (state?.waiting.length ?? 0) >= 2
    })
    expect((await here.command('schedule', 'pause', 'churn')).stdout).toContain(`Queued days were dropped: ${today}, `)
  })

  test('of a definition that is gone, or broken beside a good one, is named and stops nothing', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *' }")
    await mkdir(join(here.settings.pipelines, 'broken'))
    await writeFile(join(here.settings.pipelines, 'broken', 'pipeline.ts'), "export default { name: 'broken', schedule: { cron: 'x' } }")
    const result = await here.command('schedule', 'apply')
    expect(result).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('churn: new'),
      stderr: expect.stringContaining('DefinitionInvalid'),
    })
    await rename(join(here.settings.pipelines, 'churn'), join(here.folder, 'churn'))
    expect((await here.command('schedule', 'show')).stdout).toContain('daybreak schedule remove churn')
    await rm(join(here.settings.pipelines, 'broken'), { recursive: true })
    expect((await here.command('schedule', 'apply')).stdout).toContain('daybreak schedule remove churn')
    expect((await here.command('schedule', 'remove', 'churn')).code).toBe(0)
  })

  test('of its own has each of two pipelines, and one worker serves both', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *' }")
    const [first, second] = ['churn', 'second'].map((name) => join(here.settings.pipelines, name)) as [string, string]
    await cp(first, second, { recursive: true })
    const own = "name: 'second', description: 'Another one', schedule: { cron: '30 7 * * *', timeZone: 'Asia/Kolkata' }"
    const source = await readFile(join(first, 'pipeline.ts'), 'utf8')
    await writeFile(join(second, 'pipeline.ts'), source.replace('...base,', `...base, ${own}, notify: {} }\nexport const unused = {`))
    expect((await here.command('schedule', 'apply')).code).toBe(0)
    expect((await shown(here)).schedules.map(({ pipeline, cron, timeZone }) => [pipeline, cron, timeZone])).toEqual([
      ['churn', '0 6 * * *', 'UTC'],
      ['second', '30 7 * * *', 'Asia/Kolkata'],
    ])
    const { client } = await here.client()
    const seen = await client.schedule.getHandle(scheduleIds.make({ name: here.settings.name, pipeline: 'second' })).describe()
    expect(JSON.stringify(seen.action)).toContain('Another one')
    await here.startWorker()
    await here.deliver()
    for (const name of ['churn', 'second']) expect((await here.command('run', name, '--date', '2026-03-03')).code).toBe(0)
    expect((await here.command('status')).stdout).toContain('second: Another one')
  })

  test('fires on the days that we say it does', MINUTE, async (context) => {
    const here = await scheduled(context, "{ cron: '0 6 * * *' }")
    const { client } = await here.client()
    const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)]
    for (const cron of ['0 6 * * 1-5', '0 6 1,15 * *', '0 6 */7 2-11 *', '0 6 13 * fri', '0 6 * * 7', '0 6 * jan-mar sun,wed']) {
      const scheduleIdOfCron = `${here.settings.name}/fires/${cron}`
      const handle = await client.schedule.create({
        scheduleId: scheduleIdOfCron,
        spec: { cronExpressions: [cron] },
        state: { paused: true },
        action: { type: 'startWorkflow', workflowType: 'scheduledDay', taskQueue: here.settings.name },
      })
      const span = { startTime: { seconds: from / 1000 }, endTime: { seconds: to / 1000 } }
      const { startTime } = await client.workflowService.listScheduleMatchingTimes({
        namespace: 'default',
        scheduleId: scheduleIdOfCron,
        ...span,
      } as never)
      await handle.delete()
      const fired = (startTime ?? []).map(({ seconds }) => formatDay(localDay(Number(seconds) * 1000, 'UTC')))
      const ours = Array.from({ length: 365 }, (_, index) => day('2026-01-01') + index).filter((date) => cronFiresOn(cron, date))
      expect([cron, ...ours.map((date) => formatDay(date))]).toEqual([cron, ...fired])
    }
  })
})
