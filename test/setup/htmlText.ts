/** Reads a page as a browser does, as far as the tests ask: its text and its attributes. */
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }

const unescaped = (text: string) => text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)

/** The text of a page, white space as one space. */
export function textOf(html: string): string {
  return unescaped(html.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .replace(/ ([,.])(?= )/g, '$1')
}

/** All attributes of all elements. */
export function attributesOf(html: string): readonly { readonly name: string; readonly value: string }[] {
  const tags = html.match(/<[a-z][a-z0-9]*(?:\s+[\w:-]+(?:="[^"]*")?)*\s*\/?>/gi) ?? []
  return tags.flatMap((tag) =>
    [...tag.matchAll(/\s([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => ({ name, value: unescaped(value) })),
  )
}
