/** Renders the index of a pipeline's days: newest first, one line a day, each with its report. */
import type { Verdict } from '../engine/protocol/errorTable.js'
import { count, counted } from './numbers.js'
import { renderPage } from './page.js'
import { Brand, Link, Status, Table } from './parts.js'
import { safeText } from './safeText.js'
import { standing } from './wording.js'

export interface IndexData {
  readonly pipeline: string
  readonly days: readonly IndexDay[]
}

export interface IndexDay {
  /** Data date. */
  readonly date: string
  readonly verdict: Verdict
  /** What became of a held day. */
  readonly decision?: 'approved' | 'rejected'
  readonly headline: string
  readonly attempt: string
  /** Path of the day's report, relative to the index. */
  readonly report: string
  /** Do readers have predictions for the date, of this attempt or another? */
  readonly published: boolean
  readonly rows?: number
  readonly rejected?: number
}

/** Renders the whole document. Days are put newest first. */
export function renderIndex(data: IndexData): string {
  const days = data.days.toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0))
  const published = days.filter((day) => day.published).length
  return renderPage(
    `${safeText(data.pipeline)}: all days`,
    <>
      <a class="skip" href="#days">
        Skip to the days
      </a>
      <header class="head quiet">
        <div class="wide">
          <div class="bar">
            <Brand />
          </div>
          <h1 class="title">
            <span class="of">All days</span> {safeText(data.pipeline)}
          </h1>
          <p class="lead">{days.length === 0 ? 'No day has run yet.' : `${counted(days.length, 'day')}, ${count(published)} published.`}</p>
        </div>
      </header>
      <main class="wide" id="days">
        {days.length > 0 && <Days days={days} />}
      </main>
      <footer class="wide">Written by Daybreak.</footer>
    </>,
  )
}

function dayStanding({ verdict, decision }: IndexDay) {
  const { word, ...look } = standing(verdict, decision && { decision })
  return <Status {...look}>{word}</Status>
}

function Days({ days }: { days: readonly IndexDay[] }) {
  return (
    <Table<IndexDay>
      caption="Days, newest first"
      columns={[
        { title: 'Data date', cell: (day) => <Link to={day.report}>{safeText(day.date)}</Link> },
        { title: 'Verdict', cell: dayStanding },
        { title: 'Why', kind: 'words', cell: ({ headline }) => safeText(headline, 200) },
        { title: 'Rows', kind: 'number', cell: ({ rows }) => (rows === undefined ? '' : count(rows)) },
        { title: 'Rejected', kind: 'number', cell: ({ rejected }) => (rejected === undefined ? '' : count(rejected)) },
        { title: 'Published', cell: (day) => (day.published ? 'yes' : 'no') },
        { title: 'Attempt', cell: ({ attempt }) => safeText(attempt) },
      ]}
      rows={days}
    />
  )
}
