/** Names and dates become paths and ids: what does not belong there is refused by name, and nothing outside the home is written. */
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layout } from '../../engine/storage/layout.js'
import { DATE, install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }

describe.concurrent('a name from outside', () => {
  test.for([
    ['a pipeline', { pipeline: '../escape' }],
    ['a pipeline', { pipeline: 'churn/../../escape' }],
    ['a pipeline', { pipeline: '__proto__' }],
    ['a date', { date: '2026-03-03/../../../escape' }],
    ['a date', { date: '2026-02-30' }],
  ] as const)('of %s, %j, is refused by the steps themselves', MINUTE, async ([, request], context) => {
    const here = await install(context)
    await here.deliver()
    const result = await here.runLocally(request).catch((error: unknown) => error)
    expect(JSON.stringify(result)).toMatch(/PipelineUnknown|DateInvalid/)
    expect(await readdir(here.settings.home).catch(() => [])).toEqual([])
    expect((await readdir(here.folder)).sort()).toEqual(['project'])
  })

  test.for([
    ['run', '../x', '--date', DATE, '--local'],
    ['run', 'churn', '--date', '2026-03-03/..', '--local'],
    ['status', '../x'],
    ['verify', '..', '--date', DATE],
    ['verify', 'churn', '--date', DATE, '--attempt', '../a001'],
    ['diff', 'churn', '--date', DATE, '--attempts', '../../x', 'a001'],
    ['publish', 'churn', '--date', DATE, '--attempt', '../../../x'],
    ['approve', 'churn', '--date', DATE, '--reason', 'x', '--attempt', '../a001'],
    ['prune', '../x', '--keep-days', '1', '--yes'],
    ['backfill', 'churn', '--from', '../../x', '--to', DATE],
  ] as const)('on the command line: %j', MINUTE, async (words, context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    const result = await here.commandWith({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, ...words)
    expect(result.code).toBe(2)
    expect((await readdir(here.folder)).sort()).toEqual(['project'])
  })
})

describe.concurrent('a link', () => {
  test.for(['churn', 'churn/attempts', 'churn/publications', 'churn/published', 'churn/predictions', 'churn/reports'])(
    'out of the home, in place of %s, is refused, and nothing is written behind it',
    MINUTE,
    async (name, context) => {
      const here = await install(context)
      await here.deliver()
      await here.runLocally()
      const outside = join(here.folder, 'outside')
      await mkdir(outside)
      await rename(join(here.settings.home, name), join(here.folder, 'kept'))
      await symlink(outside, join(here.settings.home, name))
      const result = await here.command('run', 'churn', '--date', DATE, '--local', '--rerun', '--json')
      expect(result.code).toBe(1)
      expect(result.stdout).toContain('leads out of the home')
      expect(await readdir(outside)).toEqual([])
    },
  )

  test('in place of a page or a published name is replaced, never written through', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    const victim = join(here.folder, 'victim')
    await writeFile(victim, 'mine')
    for (const path of [
      layout.report(here.settings.home, 'churn', DATE),
      `${layout.publishedPredictions(here.settings.home, 'churn', DATE)}.csv`,
    ]) {
      await rename(path, `${path}.kept`)
      await symlink(victim, path)
    }
    expect((await here.command('run', 'churn', '--date', DATE, '--local', '--rerun')).code).toBe(0)
    expect(await readFile(victim, 'utf8')).toBe('mine')
    expect(await readFile(`${layout.publishedPredictions(here.settings.home, 'churn', DATE)}.csv`, 'utf8')).toContain('customer_id')
  })

  test('that the home itself is, is fine', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    await mkdir(join(here.folder, 'real'))
    await symlink(join(here.folder, 'real'), join(here.folder, 'linked'))
    const result = await here.command('run', 'churn', '--date', DATE, '--local', '--home', join(here.folder, 'linked'))
    expect(result.code).toBe(0)
    expect(await readdir(join(here.folder, 'real'))).toEqual(['churn'])
  })
})
