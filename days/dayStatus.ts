/** Makes a date into what `daybreak status` shows of it. */
import type { LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { RunKind } from '../engine/protocol/documents/attempt.js'
import type { AttemptEvent, HoldDecision } from '../engine/protocol/documents/events.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import { type DayProgress, STEP_TITLES } from '../engine/protocol/steps.js'
import { readManifest } from '../engine/storage/attempts.js'
import { readDay, shownManifest } from '../engine/storage/dayOnDisk.js'
import { readEvents } from '../engine/storage/events.js'
import { type HeldAttempt, type HoldState, holdOf } from '../engine/storage/holds.js'
import { layout } from '../engine/storage/layout.js'
import { type Change, whatChanged } from '../engine/storage/staleness.js'

export interface DayStatus {
  readonly pipeline: string
  readonly date: string
  /** A verdict, `running`, `missing`, or `unfinished`: not sealed, and no server to say whether it runs. */
  readonly state: string
  readonly kind?: RunKind
  readonly attempt?: string
  /** The attempt that readers see. */
  readonly published?: string
  /** What differs now from what is published. */
  readonly stale?: readonly Change[]
  readonly rows?: number
  readonly rejected?: number
  readonly headline?: string
  /** Of a held attempt: since when it waits, until when it can be approved, or what became of it. */
  readonly hold?: { readonly state: HoldState; readonly since: string; readonly until?: string; readonly decision?: HoldDecision }
  readonly report?: string
  /** What became of messages that did not get through. */
  readonly messages: readonly string[]
}

/** Nothing ran for this date although something should have. */
export function missingDay(pipeline: string, date: string): DayStatus {
  return { pipeline, date, state: 'missing', messages: [] }
}

/** Reads a date from what is on disk. With the definition, what is published is held against what a run would use now. */
export async function dayOnDisk(home: string, pipeline: string, date: string, loaded: LoadedPipeline | undefined): Promise<DayStatus> {
  const { last, publication } = await readDay(home, pipeline, date)
  const published = publication && (await readManifest(home, { pipeline, date, attempt: publication.attempt }))
  const now = loaded && { definition: loaded.compiled.fingerprint, modelFile: loaded.modelFile }
  const stale = published && now ? await whatChanged(now, published) : []
  const shared = { pipeline, date, ...(publication ? { published: publication.attempt } : {}), ...(stale.length > 0 ? { stale } : {}) }
  const manifest = last?.manifest && (await shownManifest(home, pipeline, date))
  if (!manifest) {
    const kind = last?.record?.kind
    const attempt = last ? { attempt: last.attempt } : {}
    const headline = 'runs in another process, or was interrupted'
    return { ...shared, ...attempt, ...(kind ? { kind } : {}), state: 'unfinished', headline, messages: [] }
  }
  const held = manifest.verdict === 'held' ? await holdOf(home, manifest, Date.now()) : undefined
  return {
    ...shared,
    ...sealed(manifest),
    ...(held ? holdStatus(held) : {}),
    report: layout.report(home, pipeline, date),
    messages: troubles(await readEvents(home, manifest)),
  }
}

/** Shows the same date while a run of it goes on. Without progress no worker answers for it. */
export function runningDay(day: DayStatus, progress: DayProgress | undefined): DayStatus {
  const { rows: _rows, rejected: _rejected, report: _report, ...rest } = day
  const headline = progress ? STEP_TITLES[progress.step] : 'no worker answers'
  return { ...rest, state: 'running', headline, messages: [], ...(progress?.attempt ? { attempt: progress.attempt } : {}) }
}

function sealed({ verdict, headline, accounts, attempt, kind }: Manifest) {
  return { state: verdict, kind, attempt, headline, ...(accounts ? { rows: accounts.read, rejected: accounts.rejected } : {}) }
}

/** A held day that was decided stands as decided. */
function holdStatus({ state, decision, manifest }: HeldAttempt): Pick<DayStatus, 'state' | 'hold'> {
  const { endedAt, holdExpiresAt } = manifest
  const hold = { state, since: endedAt, ...(holdExpiresAt ? { until: holdExpiresAt } : {}), ...(decision ? { decision } : {}) }
  return { state: state === 'waiting' || state === 'superseded' ? 'held' : state, hold }
}

const TROUBLES: Partial<Readonly<Record<AttemptEvent['event'], string>>> = {
  'message-failed': 'not delivered',
  'message-unclear': 'maybe not delivered',
  'channel-not-configured': 'not configured',
}

/** Names the channels that did not get their message, each once. */
function troubles(events: readonly AttemptEvent[]): string[] {
  const sent = new Set(events.filter(({ event }) => event === 'message-sent').map(({ key }) => key))
  return [
    ...new Set(
      events.flatMap(({ event, key, channel, detail }) => {
        const trouble = TROUBLES[event]
        return trouble === undefined || sent.has(key) ? [] : [`${channel}: ${trouble}, ${detail}`]
      }),
    ),
  ]
}
