import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyDate } from '../../engine/storage/verify.js'
import { DATE, install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }

describe.concurrent('prune', () => {
  const HOLDS = "notify: {}, anomalies: [{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: 'hold' }]"

  test('removes old attempts that nobody sees, and never what is published, held or newest of its date', MINUTE, async (context) => {
    const here = await install(context, HOLDS)
    const words = ['prune', 'churn', '--keep-days', '0']
    await here.deliver(DATE, 'anomalous')
    await here.runLocally()
    await here.deliver()
    for (let time = 0; time < 3; time += 1) await here.runLocally({ rerun: true })
    expect((await here.command('publish', 'churn', '--date', DATE, '--attempt', 'a002')).code).toBe(0)
    await here.deliver(DATE, 'column-gone')
    await here.runLocally({ rerun: true })
    // a001 held, a002 published, a003 and a004 published before, a005 failed and newest.
    const dry = await here.command(...words, '--dry-run', '--json')
    expect(JSON.parse(dry.stdout)).toMatchObject({ removed: 0, attempts: [{ attempt: 'a001' }, { attempt: 'a003' }, { attempt: 'a004' }] })
    expect(await here.attempts()).toHaveLength(5)
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await here.command('prune', '--keep-days', '7', '--yes')).stdout).toContain('Nothing to remove')
    expect((await here.command(...words, '--yes')).code).toBe(0)
    expect(await here.attempts()).toEqual(['a002', 'a005'])
    expect((await verifyDate(here.settings.home, 'churn', DATE)).differences).toEqual([])
    expect(await here.runLocally({ rerun: true })).toMatchObject({ attempt: 'a006' })
  })

  test('leaves a held attempt that waits, and one that runs', MINUTE, async (context) => {
    const here = await install(context, HOLDS)
    await here.deliver(DATE, 'anomalous')
    await here.runLocally()
    await here.runLocally({ rerun: true })
    const unsealed = await here.copyOf('a001', 'a003')
    await rm(join(unsealed, 'manifest.json'))
    await here.copyOf('a001', 'a004')
    expect((await here.command('prune', 'churn', '--keep-days', '0', '--yes')).stdout).toContain('Nothing to remove')
  })
})
