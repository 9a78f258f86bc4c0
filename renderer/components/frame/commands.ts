import type { Component } from 'vue'

export interface Command {
  id: string
  group: 'Do' | 'Go to' | 'Datasets' | 'Runs'
  text: string
  detail?: string
  key?: string
  icon: Component
  run: () => void
}

/** Commands whose words hold every word of the query. A start of a word counts before a middle. */
export function searchCommands(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...commands]
  const rank = (command: Command): number => {
    const text = `${command.text} ${command.detail ?? ''}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) return Infinity
    return words.reduce((sum, word) => sum + (text.startsWith(word) ? 0 : text.includes(` ${word}`) ? 1 : 2), 0)
  }
  return commands
    .map((command) => ({ command, rank: rank(command) }))
    .filter((one) => one.rank < Infinity)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.command)
}

/** The text in parts, those that the query names marked. */
export function splitMatch(text: string, query: string): { text: string; match: boolean }[] {
  const word = query.trim().toLowerCase()
  const at = word ? text.toLowerCase().indexOf(word) : -1
  if (at < 0) return [{ text, match: false }]
  const parts = [
    { text: text.slice(0, at), match: false },
    { text: text.slice(at, at + word.length), match: true },
    { text: text.slice(at + word.length), match: false },
  ]
  return parts.filter((part) => part.text !== '')
}
