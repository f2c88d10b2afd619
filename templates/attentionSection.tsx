/** Shows what needs attention, which on-call reads second. The worst comes first, each with its cause in plain words and what to do. */
import { type AttentionItem, andMore, attentionItems, cut, passedCount } from './attention.js'
import { counted } from './numbers.js'
import { Section, Shape } from './parts.js'
import type { ReportData } from './reportData.js'
import type { Mark, Tone } from './wording.js'

const MOST_ITEMS = 30
const MOST_DETAILS = 20

const LOOKS: Readonly<Record<AttentionItem['severity'], { readonly tone: Tone; readonly mark: Mark }>> = {
  bad: { tone: 'bad', mark: 'cross' },
  warn: { tone: 'warn', mark: 'triangle' },
  note: { tone: 'quiet', mark: 'dash' },
}

export function AttentionSection({ data }: { data: ReportData }) {
  const { shown, more } = cut(attentionItems(data), MOST_ITEMS)
  if (shown.length === 0) {
    return (
      <Section id="attention" title="Needs attention">
        <p class="calm">
          <Shape mark="tick" size={20} />
          Nothing unusual. {counted(passedCount(data.manifest), 'check')} passed.
        </p>
      </Section>
    )
  }
  return (
    <Section id="attention" title="Needs attention">
      {shown.map((item) => (
        <Item item={item} />
      ))}
      {more > 0 && <p class="soft gap">{andMore(more, 'thing')}; all of them are in the manifest</p>}
    </Section>
  )
}

function Item({ item }: { item: AttentionItem }) {
  const { tone, mark } = LOOKS[item.severity]
  const { shown, more } = cut(item.details, MOST_DETAILS)
  return (
    <article class={`item ${tone}`}>
      <h3>
        <Shape mark={mark} size={14} />
        {item.title}
      </h3>
      {item.message !== undefined && <p>{item.message}</p>}
      {shown.length > 0 && (
        <ul>
          {shown.map((detail) => (
            <li>{detail}</li>
          ))}
          {more > 0 && <li class="soft">{andMore(more, 'problem')}</li>}
        </ul>
      )}
      {item.excerpt !== undefined && (
        <p class="soft small">
          {item.excerpt.map((line) => (
            <>
              <code>{line}</code>
              <br />
            </>
          ))}
        </p>
      )}
      {item.place !== undefined && (
        <p class="soft small">
          Where: <code>{item.place}</code>
        </p>
      )}
      {(item.next !== undefined || item.command !== undefined) && (
        <div class="next">
          {item.next !== undefined && (
            <p>
              <strong>What to do:</strong> {item.next}
            </p>
          )}
          {item.command !== undefined && <code class="command">{item.command}</code>}
        </div>
      )}
    </article>
  )
}
