/** Who speaks and what, by the names that files of chats use: OpenAI's messages, ShareGPT's conversations. */
const SPEAKER = ['role', 'from', 'speaker'] as const
const WORDS = ['content', 'value', 'text'] as const

/**
 * The turns of a chat, `[{"role": "user", "content": "…"}, …]`, as text: the role on a line of its own, "user:", what was said below it, and an
 * empty line between turns. Content in parts (`[{"type": "text", "text": "…"}]`) is joined; a turn without words (a call of a tool) is passed over.
 * null where the list is no chat.
 */
export function chatText(list: readonly unknown[]): string | null {
  const turns: string[] = []
  for (const turn of list) {
    if (typeof turn !== 'object' || turn === null || Array.isArray(turn)) return null
    const fields = turn as Record<string, unknown>
    const speaker = SPEAKER.find((name) => typeof fields[name] === 'string')
    const key = WORDS.find((name) => name in fields)
    if (!speaker || !key) return null
    const words = wordsOf(fields[key])
    if (words === null) return null
    if (words.trim() !== '') turns.push(`${fields[speaker] as string}:\n${words.trim()}`)
  }
  return turns.length > 0 ? turns.join('\n\n') : null
}

function wordsOf(content: unknown): string | null {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return null
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part
      const { text } = (part ?? {}) as { text?: unknown }
      return typeof text === 'string' ? text : ''
    })
    .filter((part) => part !== '')
    .join('\n')
}
