/**
 * The names under which a Temporal server knows what is ours: ids of runs, backfills and schedules, task queues, search attributes.
 * They are made and read here and nowhere else, so that whoever starts a thing and whoever looks for it agree. They never change:
 * histories that are stored and schedules that exist carry them.
 */

/** The installation's name stands first in every id, so that several can share a namespace. */
interface Named {
  readonly name: string
}

export interface PipelineParts extends Named {
  readonly pipeline: string
}

export interface DayParts extends PipelineParts {
  readonly date: string
}

/** One kind of id: how it is made of its parts, and which parts an id was made of. */
export interface IdKind<Parts> {
  make(parts: Parts): string
  /** `undefined` for an id of another kind, or of somebody else. */
  parse(id: string): Parts | undefined
}

/** Guards concurrency only: one live run a pipeline and date, whoever starts it. */
export const dayIds: IdKind<DayParts> = {
  make: ({ name, pipeline, date }) => `${name}/predict/${pipeline}/${date}`,
  parse: (id) => {
    const [name, pipeline, date] = partsOf(id, 'predict', 2) ?? []
    return name && pipeline && date && /^\d{4}-\d{2}-\d{2}$/.test(date) ? { name, pipeline, date } : undefined
  },
}

/** One live backfill a pipeline. */
export const backfillIds = pipelineIds('backfill')

/** One schedule a pipeline. */
export const scheduleIds = pipelineIds('schedule')

/** What a schedule starts, which then starts the day. The server appends the time to the id, so that no two are the same. */
export const launcherIds = pipelineIds('launch')

/** A stand-in for a schedule, which the server is asked about before the schedule itself is touched. It counts as no schedule. */
export function standInScheduleId(scheduleId: string, unique: string): string {
  return `${scheduleId}/probe-${unique}`
}

/** The installation that the workflow with this id belongs to. */
export function installationOf(workflowId: string): string {
  return workflowId.split('/')[0]!
}

/** Names one execution of a workflow: what an attempt keeps to be recognized by, and what a line of the log says. */
export function runKey(workflowId: string, runId: string): string {
  return `${workflowId}/${runId}`
}

/** The task queues of an installation: scoring never delays a look for a file, and a backfill never a live day. */
export function taskQueues(name: string) {
  return {
    /** Workflows and light steps. */
    main: name,
    /** Partitions of live days. */
    scoring: `${name}-scoring`,
    /** Partitions of backfilled days. */
    backfillScoring: `${name}-scoring-backfill`,
  } as const
}

/** The workflows, as a server calls them: the names of the functions in `workflows/`. */
export const WORKFLOW_TYPES = { day: 'dailyPrediction', scheduledDay: 'scheduledDay', backfill: 'backfill' } as const

/** The search attributes by which runs are found, all of type Keyword. */
export const SEARCH_ATTRIBUTES = { date: 'DataDate', pipeline: 'Pipeline', kind: 'RunKind', verdict: 'Verdict' } as const
export const SEARCH_ATTRIBUTE_NAMES = Object.values(SEARCH_ATTRIBUTES)

function pipelineIds(kind: string): IdKind<PipelineParts> {
  return {
    make: ({ name, pipeline }) => `${name}/${kind}/${pipeline}`,
    parse: (id) => {
      const [name, pipeline] = partsOf(id, kind, 1) ?? []
      return name && pipeline ? { name, pipeline } : undefined
    },
  }
}

/** The installation's name and `count` further parts; `undefined` when the id is of another kind. */
function partsOf(id: string, kind: string, count: number): readonly string[] | undefined {
  const [name = '', word, ...parts] = id.split('/')
  return word === kind && parts.length === count ? [name, ...parts] : undefined
}
