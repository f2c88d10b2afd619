/**
 * One sample of every kind of message goes to every channel that gets such messages, the way a run sends them. Nothing is written, no
 * attempt and no event.
 */
import { missingSetting, pageUrl, send } from '../../days/channels/tellOnce.js'
import { pipelineInfo } from '../../days/pipelineInfo.js'
import { type Channel, channelName } from '../../definition/channels.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { loadPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { channelsFor } from '../../engine/protocol/policy.js'
import { layout } from '../../engine/storage/layout.js'
import { renderSample, SAMPLE_DATE, SAMPLE_KINDS, type SampleData, type SampleKind } from '../../templates/sampleMessages.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, table } from '../terminal/output.js'

interface Sample {
  readonly kind: SampleKind
  readonly channel: Channel
}

interface Told {
  readonly kind: SampleKind
  /** A name that holds no address and no secret. */
  readonly channel: string
  /** After `refused` another try would not help. */
  readonly answer: 'sent' | 'not-configured' | 'refused' | 'failed'
  /** The variable that is missing, or what the channel said. */
  readonly detail?: string
}

export async function notifyTest(pipeline: string, options: CommonOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  const loaded = await loadPipeline(settings.pipelines, pipeline)
  const samples = samplesOf(loaded.definition)
  // Each test is a message of its own: a mail program would hide one that has the id of another.
  const about = `${pipeline}/sample/${new Date().toISOString()}`
  const indexUrl = pageUrl(settings, pipeline, 'index.html')
  const words: Omit<SampleData, 'key'> = {
    info: pipelineInfo({ pipeline, date: SAMPLE_DATE, attempt: 'a001' }, loaded),
    indexPath: layout.index(settings.home, pipeline),
    ...(indexUrl === undefined ? {} : { indexUrl }),
  }
  const told: Told[] = []
  // They are sent one after the other, because a webhook takes about one message a second.
  for (const sample of samples) told.push(await tell(settings, sample, words, about))
  output.answer({ pipeline, samples: told }, `${toldTable(told)}${toldSentence(told)}`)
  return told.some(({ answer }) => answer === 'sent') && !told.some(isBroken) ? EXIT.done : EXIT.failed
}

/** Pairs each kind of message with each channel that may get it. A backfill's digest goes where its days would have gone. */
function samplesOf(definition: AnyPipeline): readonly Sample[] {
  return SAMPLE_KINDS.flatMap((kind) => {
    const channels =
      kind === 'backfill' ? [...channelsFor(definition, 'success'), ...channelsFor(definition, 'failure')] : channelsFor(definition, kind)
    return [...new Map(channels.map((channel) => [channelName(channel), channel])).values()].map((channel) => ({ kind, channel }))
  })
}

async function tell(settings: Settings, { kind, channel }: Sample, words: Omit<SampleData, 'key'>, about: string): Promise<Told> {
  const name = channelName(channel)
  const missing = missingSetting(settings, channel)
  if (missing) return { kind, channel: name, answer: 'not-configured', detail: `${missing} is not set` }
  const key = `${about}/${kind}/${name}`
  try {
    await send(settings, channel, renderSample(kind, { ...words, key }), key)
    return { kind, channel: name, answer: 'sent' }
  } catch (error) {
    if (!(error instanceof DaybreakError)) throw error
    return { kind, channel: name, answer: error.code === 'ChannelRefused' ? 'refused' : 'failed', detail: error.message }
  }
}

const isBroken = ({ answer }: Told) => answer === 'refused' || answer === 'failed'

function toldTable(told: readonly Told[]): string {
  if (told.length === 0) return ''
  const rows = told.map(({ kind, channel, answer, detail = '' }) => [kind, channel, answer.replace('-', ' '), detail])
  return `${table(['message', 'channel', 'answer', ''], rows)}\n`
}

function toldSentence(told: readonly Told[]): string {
  if (told.length === 0) return 'The definition names no channel: nobody is told. See notify in docs/defining-a-pipeline.md.'
  const count = (is: (one: Told) => boolean) => told.filter(is).length
  const missing = [...new Set(told.flatMap(({ answer, detail }) => (answer === 'not-configured' && detail ? [detail] : [])))]
  const sent = `${count(({ answer }) => answer === 'sent')} of ${told.length} samples sent`
  const broken = count(isBroken) > 0 ? `, ${count(isBroken)} not taken` : ''
  return `${sent}${broken}${missing.length > 0 ? `; ${missing.join(', ')}` : ''}.`
}
