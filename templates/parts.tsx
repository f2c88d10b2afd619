/** Makes the small parts that pages are made of: marks, links, tables, lists of pairs. Preact escapes all text that enters them. */
import type { ComponentChildren } from 'preact'
import { andMore } from './attention.js'
import { safeHref } from './safeText.js'
import type { Mark, Tone } from './wording.js'

const SHAPES: Readonly<Record<Mark, string>> = {
  tick: 'M3 8.5 6.5 12 13 4.5',
  triangle: 'M8 2.2 14.6 13.8H1.4ZM8 6.4V10M8 12V12.2',
  cross: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5',
  dash: 'M3 8H13',
  pause: 'M5.5 3.5V12.5M10.5 3.5V12.5',
}

/** A shape beside a word that says the same. */
export function Shape({ mark, size = 16 }: { mark: Mark; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={SHAPES[mark]} />
    </svg>
  )
}

/** A word with its shape in its colour, for tables. */
export function Status({ tone, mark, children }: { tone: Tone; mark: Mark; children: ComponentChildren }) {
  return (
    <span class={`status ${tone}`}>
      <Shape mark={mark} size={13} />
      {children}
    </span>
  )
}

/** The product's name on top of a page. */
export function Brand() {
  return (
    <span class="brand">
      <svg
        width="22"
        height="16"
        viewBox="0 0 22 16"
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        aria-hidden="true"
      >
        <path d="M1 14H21M5.5 14A5.5 5.5 0 0 1 16.5 14M11 1.5V4.5M2.8 5.4 4.9 7.5M19.2 5.4 17.1 7.5" />
      </svg>
      Daybreak
    </span>
  )
}

/** A link to a relative, `http` or `https` address; for any other address its text alone. */
export function Link({ to, children }: { to: string | undefined; children: ComponentChildren }) {
  const href = to === undefined ? undefined : safeHref(to)
  if (href === undefined) return <span>{children}</span>
  return (
    <a href={href} rel="noopener noreferrer">
      {children}
    </a>
  )
}

/** A section with a heading that the page's links can name. */
export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  )
}

export interface TableColumn<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** Numbers stand at the right; words get room; what is short stays on one line. */
  readonly kind?: keyof typeof CLASSES
}

const CLASSES = { number: 'num', words: 'words', hash: 'hash', short: 'nowrap' } as const

/** A table that scrolls by itself where the page is too narrow. The first column heads its row. */
export function Table<Row>(props: {
  caption: string
  columns: readonly TableColumn<Row>[]
  rows: readonly Row[]
  more?: number
  moreOf?: string
}) {
  const { caption, columns, rows, more = 0, moreOf = 'row' } = props
  const classOf = ({ kind }: TableColumn<Row>) => (kind ? CLASSES[kind] : undefined)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls by itself must be reachable by keyboard */}
      <section class="scroll" aria-label={caption} tabIndex={0}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" class={column.kind === 'number' ? 'num' : undefined}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th scope="row" class={classOf(column)}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td class={classOf(column)}>{column.cell(row)}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more > 0 && <p class="soft small gap">{andMore(more, moreOf)}</p>}
    </>
  )
}

/** Name and value, one below the other. A value that is missing takes its name with it. */
export function Pairs({ pairs }: { pairs: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="pairs">
      {pairs
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  )
}
