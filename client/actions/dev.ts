/**
 * A laptop's whole installation runs in one process, on loopback: a Temporal dev server that remembers, a worker, and an inbox for the
 * messages that have nowhere to go. It never uses or touches the server that the environment names.
 */
import { once } from 'node:events'
import { aboutText } from '../../definition/pipeline.js'
import type { LoadedPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { dataDateOf } from '../../engine/protocol/schedule.js'
import { shellWord } from '../../templates/wording.js'
import { type DevServer, startDevServer } from '../../worker/dev/devServer.js'
import { claimDevState } from '../../worker/dev/devState.js'
import { type Inboxes, openInboxes } from '../../worker/dev/inbox/inboxes.js'
import { toInboxes, unsetChannels } from '../../worker/dev/inbox/unsetChannels.js'
import { mustBeWritable } from '../../worker/mustBeWritable.js'
import { type RunningWorker, startWorker } from '../../worker/startWorker.js'
import { fixedTarget, type TemporalTarget, temporalTarget } from '../../worker/temporalConnection.js'
import { applySchedules } from '../server/applySchedules.js'
import { openServer } from '../server/openServer.js'
import { onInterrupt } from '../terminal/interrupt.js'
import type { CommonOptions } from '../terminal/options.js'
import { errorText, makeOutput, type Output } from '../terminal/output.js'
import { sayPipelines } from '../terminal/sayPipelines.js'

interface DevOptions extends CommonOptions {
  readonly port: number
  readonly uiPort?: number
}

/** The port of the inbox is this far above the server's, if it is free; the UI's is halfway. */
const INBOX_ABOVE = 2000

interface Running {
  readonly server: DevServer
  readonly worker: RunningWorker
  readonly inboxes?: Inboxes
  /** Variables of the channels that are not set and lead to the inbox. */
  readonly unset: readonly string[]
  readonly settings: Settings
  readonly dbFile: string
  readonly pipelines: readonly LoadedPipeline[]
}

/** Stops what has been started; it is called from the last one to the first. */
type Undo = (() => Promise<unknown>)[]

export async function dev(options: DevOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const undo: Undo = []
  const stop = new AbortController()
  const stopped = once(stop.signal, 'abort')
  onInterrupt(() => stop.abort())
  try {
    const running = await start(options, output, stop.signal, undo)
    if (!running) return EXIT.interrupted
    output.answer(devDocument(running), devText(running, options))
    return await untilOver(running, stopped, output)
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

/** Starts one after the other, because each needs the one before. @returns `undefined` when it was told to stop in between */
async function start(options: DevOptions, output: Output, stop: AbortSignal, undo: Undo): Promise<Running | undefined> {
  const own = readSettings(process.env, options)
  await mustBeWritable(own.home)
  const pipelines = await sayPipelines(own, output)
  const state = await claimDevState(own.home, `127.0.0.1:${options.port}`)
  undo.push(() => state.release())
  const unset = unsetChannels(
    own,
    pipelines.map(({ definition }) => definition),
  )
  const inboxes = unset.length > 0 ? await openInboxes(options.port + INBOX_ABOVE) : undefined
  if (inboxes) undo.push(() => inboxes.stop())
  if (stop.aborted) return undefined

  output.say('Starting a Temporal dev server on loopback …')
  const { port, uiPort } = options
  const { dbFile } = state
  const say = (line: string) => output.say(line)
  const server = await startDevServer({ env: process.env, say, ui: true, dbFile, port, ...(uiPort === undefined ? {} : { uiPort }) })
  undo.push(() => server.stop())
  if (stop.aborted) return undefined

  const told = inboxes ? toInboxes(own, inboxes, unset) : own
  const settings = server.ui === undefined ? told : { ...told, temporalUi: server.ui }
  output.say('Starting a worker …')
  const worker = await startWorker({ target: fixedTarget(server.address), settings, say })
  // Whoever waits for the worker tells how it ended; here it only has to be over.
  undo.push(() => worker.stop().catch(() => undefined))
  const client = await openServer(fixedTarget(server.address))
  undo.push(() => client.close())
  const names = pipelines.map(({ definition }) => definition.name)
  const { refused } = await applySchedules(client, settings, names, { say })
  // A schedule that the server does not take is told, and the rest goes on without it.
  for (const { error } of refused) say(errorText(error))
  return stop.aborted ? undefined : { server, worker, ...(inboxes ? { inboxes } : {}), unset, settings, dbFile, pipelines }
}

/** Waits until somebody stops it. When the server or the worker ends before that, it is a failure. */
async function untilOver({ server, worker }: Running, stopped: Promise<unknown>, output: Output): Promise<number> {
  const code = await Promise.race([
    stopped.then(() => EXIT.done),
    server.ended.then(() => EXIT.noServer),
    worker.ended.then(() => EXIT.failed),
  ])
  output.say('Stopping: running steps end or are handed on; the server keeps what it knows.')
  return code
}

function devDocument({ server, worker, inboxes, unset, settings, dbFile, pipelines }: Running) {
  return {
    address: server.address,
    namespace: server.namespace,
    ui: server.ui,
    ...(inboxes ? { inbox: inboxes.page, toInbox: unset } : {}),
    taskQueue: worker.taskQueue,
    threads: settings.threads,
    home: settings.home,
    database: dbFile,
    pipelinesFolder: settings.pipelines,
    pipelines: pipelines.map(({ definition }) => definition.name),
  }
}

function devText(running: Running, options: DevOptions): string {
  const { server, inboxes, unset, settings, pipelines } = running
  const target = targetOfOthers()
  const here =
    target !== undefined && target.address.replace('localhost', '127.0.0.1') === server.address && target.namespace === server.namespace
  const setting = `TEMPORAL_ADDRESS=${server.address} TEMPORAL_NAMESPACE=${server.namespace} `
  const places = [
    ...(options.pipelines === undefined ? [] : ['--pipelines', shellWord(settings.pipelines)]),
    ...(options.home === undefined ? [] : ['--home', shellWord(settings.home)]),
  ]
  const command = (...words: string[]) => `  ${here ? '' : setting}npx daybreak ${[...words, ...places].join(' ')}`
  const first = pipelines[0]?.definition.name ?? '<pipeline>'
  const yesterday = dataDateOf(Date.now(), { timeZone: 'UTC', daysBefore: 1 })
  return [
    '',
    'Daybreak is up. Nothing of it leaves this machine, except by channels of yours.',
    '',
    `  Temporal server   ${server.address}`,
    `  Temporal web UI   ${server.ui ?? 'none'}`,
    ...(inboxes ? [`  Inbox             ${inboxes.page}   (instead of ${unset.join(', ')})`] : []),
    `  Output            ${settings.home}`,
    `  Pipelines         ${settings.pipelines}`,
    ...pipelines.map(({ definition }) => `    ${definition.name}   ${aboutText(definition)}`),
    '',
    'Next, in another terminal:',
    command('run', first, '--date', yesterday),
    command('status'),
    command('schedule', 'show'),
    ...(here || !target
      ? []
      : [`Without the settings in front they go to ${target.address}, which this installation neither uses nor touches.`]),
    '',
    'Ctrl-C stops all of it; the next start goes on where it was.',
  ].join('\n')
}

/** The server to which the same environment leads commands in another terminal; `undefined` when it cannot be used. */
function targetOfOthers(): TemporalTarget | undefined {
  try {
    return temporalTarget(process.env)
  } catch (error) {
    if (error instanceof DaybreakError) return undefined
    throw error
  }
}
