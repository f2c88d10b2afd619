/** A worker is watched by its log lines, which a collector reads, and by metrics for Prometheus. */
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { freePort } from '../setup/freePort.js'
import { install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }

describe.concurrent('a worker', () => {
  test('logs JSON lines that name run, date and step, and counts runs, rows and seconds', MINUTE, async (context) => {
    const here = await install(context)
    const address = `127.0.0.1:${await freePort()}`
    const worker = await here.startWorker({ DAYBREAK_LOG_FORMAT: 'json', DAYBREAK_METRICS_ADDRESS: address })
    await here.deliver('2026-03-03', 'some-bad-rows')
    await here.deliver('2026-03-04', 'column-gone')
    await here.run()
    await here.run({ date: '2026-03-04' })

    const lines = worker
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'info',
        pipeline: 'churn',
        date: '2026-03-03',
        attempt: 'a001',
        step: 'seal',
        message: expect.stringMatching(/^warn\. /),
      }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        date: '2026-03-04',
        step: 'inspect',
        code: 'ContractBroken',
        run: expect.stringContaining('/predict/churn/2026-03-04/'),
      }),
    )

    const metrics = await (await fetch(`http://${address}/metrics`)).text()
    const value = (name: string, ...tags: string[]) => {
      const line = metrics.split('\n').find((one) => one.startsWith(`${name}{`) && tags.every((tag) => one.includes(tag)))
      return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
    }
    expect(value('daybreak_runs', 'verdict="warn"', 'pipeline="churn"')).toBe(1)
    expect(value('daybreak_runs', 'verdict="failed"')).toBe(1)
    expect(value('daybreak_rows_read')).toBe(5000)
    expect(value('daybreak_rows_predicted')).toBe(4980)
    expect(value('daybreak_rows_rejected')).toBe(20)
    expect(value('daybreak_step_seconds_count', 'step="seal"')).toBe(2)
    expect(metrics).toContain('temporal_worker_task_slots_available')
  })

  test('that cannot have its address for metrics says which setting is to blame', MINUTE, async (context) => {
    const here = await install(context)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.onTestFinished(() => void server.close())
    const taken = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const result = await here.commandWith({ DAYBREAK_METRICS_ADDRESS: taken }, 'worker')
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('DAYBREAK_METRICS_ADDRESS') })
    expect((await here.commandWith({ DAYBREAK_METRICS_ADDRESS: 'nonsense' }, 'worker')).code).toBe(2)
  })
})
