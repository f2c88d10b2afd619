/**
 * Records histories of every kind of ending from a real server, for the replay test: `npm run histories`. Only what is not there yet:
 * those of earlier versions stay, so that the test shows that runs under way survive an upgrade. Delete one to record it anew.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { runBackfill, runSchedule } from '../../client/demo/byItself.js'
import { makeSampleProject, SAMPLE_DAYS } from '../../client/demo/sampleProject.js'
import { followDay } from '../../client/server/followDay.js'
import { openServer } from '../../client/server/openServer.js'
import { startDay } from '../../client/server/startDay.js'
import { readSettings } from '../../engine/loader/settings.js'
import { backfillIds, dayIds, WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import { systemCode } from '../../engine/protocol/systemErrors.js'
import { startDevServer } from '../../worker/dev/devServer.js'
import { startWorker } from '../../worker/startWorker.js'
import { fixedTarget } from '../../worker/temporalConnection.js'

const TARGET = fileURLToPath(new URL('../../../test/workflows/histories/', import.meta.url))
/** Who polled, on which queue of its own, and where a stack stood: of no interest to a replay, and names a machine. */
const NAMES_A_MACHINE = new Set(['identity', 'stackTrace'])
const STICKY = 'TASK_QUEUE_KIND_STICKY'
const CANCELLED = '2026-03-08'

const folder = await mkdtemp(join(tmpdir(), 'daybreak-histories-'))
const project = await makeSampleProject(join(folder, 'project'))
for (const day of SAMPLE_DAYS) await project.deliver(day)
const server = await startDevServer({ env: process.env, say: () => {} })
const settings = readSettings({ DAYBREAK_NAME: 'replay' }, { home: project.home, pipelines: project.pipelines })
const target = fixedTarget(server.address)
const worker = await startWorker({ target, settings, say: () => {} })
const client = await openServer(target)
await mkdir(TARGET, { recursive: true })

for (const date of [...SAMPLE_DAYS.map((day) => day.date), CANCELLED]) {
  const { handle } = await startDay(client, settings, { pipeline: 'churn', date, kind: 'manual', rerun: false })
  if (date === CANCELLED) setTimeout(() => void handle.cancel(), 1000)
  const { verdict } = await followDay(client, settings, handle, () => {})
  await record(`${date}-${verdict}`, handle)
}

// An unusual day that a rule holds, the same date once more while it waits, and one that a rule refuses.
const definition = join(project.pipelines, 'churn', 'pipeline.ts')
const original = await readFile(definition, 'utf8')
for (const [date, action, name] of [
  ['2026-03-09', 'hold', 'held'],
  ['2026-03-09', 'hold', 'already-held'],
  ['2026-03-10', 'fail', 'refused'],
] as const) {
  await project.deliver({ date, story: '', kind: 'anomalous' })
  const rules = `anomalies: [{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: '${action}' }]`
  await writeFile(definition, `import churn from './churn'\nexport default { ...churn, notify: {}, ${rules} }\n`)
  const { handle } = await startDay(client, settings, { pipeline: 'churn', date, kind: 'manual', rerun: false })
  await followDay(client, settings, handle, () => {})
  await record(`${date}-${name}`, handle)
}
await writeFile(definition, original)

// A day that the schedule starts, late at once: its launcher, and its own history with the warning in it.
const scheduled = await runSchedule(client, settings, project)
await record(
  'scheduled-day-pass',
  client.client.workflow.getHandle(dayIds.make({ name: settings.name, pipeline: 'churn', date: scheduled.date })),
)
for await (const { workflowId } of client.client.workflow.list({ query: `WorkflowType = '${WORKFLOW_TYPES.scheduledDay}'` })) {
  const launcher = client.client.workflow.getHandle(workflowId)
  await launcher.result()
  await record('scheduled-launcher', launcher)
}
const filled = await runBackfill(client, settings, project)
await record(
  'backfill-done',
  client.client.workflow.getHandle(backfillIds.make({ name: settings.name, pipeline: filled.request.pipeline })),
)

async function record(name: string, handle: WorkflowHandle): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory())
  const text = JSON.stringify(
    JSON.parse(history),
    (key, value) => {
      if (NAMES_A_MACHINE.has(key)) return 'recorded'
      return value?.kind === STICKY ? { ...value, name: 'recorded' } : value
    },
    1,
  )
  await writeFile(join(TARGET, `${name}.json`), `${text.replaceAll(folder, '/tmp/project')}\n`, { flag: 'wx' }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
}

await client.close()
await worker.stop()
await server.stop()
await rm(folder, { recursive: true })
