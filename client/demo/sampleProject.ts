/** The demo has a little project of its own: the shipped churn pipeline with short waits, and sample days. */
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exists } from '../../engine/files/fileSystem.js'
import { importSource } from '../../engine/loader/importSource.js'
import { DaybreakError } from '../../engine/protocol/errors.js'

/** The shipped pipelines lie beside `dist/`, in a clone and in the package alike. */
const SHIPPED = fileURLToPath(new URL('../../../pipelines', import.meta.url))

/** A file of this name says that the folder is ours to empty. */
const MARKER = '.daybreak-demo'

type SampleKind = 'good' | 'some-bad-rows' | 'column-gone' | 'anomalous'

export interface SampleDay {
  readonly date: string
  /** What the day shows. */
  readonly story: string
  /** What is in its file. A day without it gets none. */
  readonly kind?: SampleKind
  /** Its file comes this long after the runs have started. */
  readonly afterMs?: number
}

export const SAMPLE_DAYS: readonly SampleDay[] = [
  { date: '2026-03-02', story: 'the file arrives while the run waits', kind: 'good', afterMs: 2000 },
  { date: '2026-03-03', story: 'a good day', kind: 'good' },
  { date: '2026-03-04', story: 'some bad rows', kind: 'some-bad-rows' },
  { date: '2026-03-05', story: 'a column is gone', kind: 'column-gone' },
  { date: '2026-03-06', story: 'an unusual day', kind: 'anomalous' },
  { date: '2026-03-07', story: 'the file never arrives' },
]

/** The shipped definition waits minutes; this one waits seconds. */
const SHORT_WAITS = `// The shipped churn pipeline (churn.ts, a copy) with short waits, so that the demo takes seconds.
import churn from './churn.js'

export default {
  ...churn,
  input: { ...churn.input, arrival: { poll: '1s', timeout: '8s', settle: '500ms' } },
  retries: { maximum: 2, delay: '1s' },
}
`

export interface SampleProject {
  readonly folder: string
  readonly pipelines: string
  readonly home: string
  /** Writes the file of a day, as its source would. */
  deliver(day: SampleDay): Promise<void>
}

/** Lays the project out in `folder`, anew each time. @throws UsageInvalid when the folder has something that is not ours */
export async function makeSampleProject(folder: string): Promise<SampleProject> {
  const there = (await exists(folder)) ? await readdir(folder) : []
  if (there.length > 0 && !there.includes(MARKER)) {
    throw new DaybreakError('UsageInvalid', `${folder} is there and was not made by the demo`, { next: 'Name another folder with --dir.' })
  }
  await rm(folder, { recursive: true, force: true })
  const pipeline = join(folder, 'pipelines', 'churn')
  await cp(join(SHIPPED, 'churn'), pipeline, { recursive: true })
  await rename(join(pipeline, 'pipeline.ts'), join(pipeline, 'churn.ts'))
  await writeFile(join(pipeline, 'pipeline.ts'), SHORT_WAITS)
  await writeFile(join(folder, MARKER), 'Made by daybreak demo; emptied when it runs again.\n')
  const { sampleDay } = (await importSource(join(pipeline, 'sampleDays.ts'))) as {
    sampleDay: (options: { date: string; kind: SampleKind }) => string
  }
  return {
    folder,
    pipelines: dirname(pipeline),
    home: join(folder, 'output'),
    deliver: async ({ date, kind }) => {
      if (!kind) return
      const file = join(folder, 'data', 'daily', `customers_${date}.csv`)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, sampleDay({ date, kind }))
    },
  }
}
