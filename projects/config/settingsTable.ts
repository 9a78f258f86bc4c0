import { mixers } from '../../kernels/mixers/registry.ts'
import { bounded, type Property } from './optionOf.ts'
import { runConfigJsonSchema } from './schema.ts'

function rangeOf(node: Property): string {
  const { minimum: low, maximum: high, exclusiveMinimum: above, exclusiveMaximum: below } = node
  const from = bounded(above) ? `above ${above}` : bounded(low) ? `from ${low}` : ''
  const to = bounded(below) ? `below ${below}` : bounded(high) ? `to ${high}` : ''
  return [from, to].filter(Boolean).join(' ')
}

function kindOf(node: Property): string {
  if (node.title) return node.title
  if (node.enum) return node.enum.join(', ')
  if (node.anyOf) return node.anyOf.map(kindOf).join(' or ')
  if (node.type === 'array') return `list: ${kindOf(node.items!)}`
  const words: Record<string, string> = {
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
    object: 'together or not at all',
    string: 'text',
    null: 'null',
  }
  return [words[node.type ?? ''] ?? node.type, rangeOf(node)].filter(Boolean).join(', ')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
const row = (name: string, node: Property): string =>
  `| \`${name}\` | ${cell(kindOf(node))} | ${node.default === undefined ? '' : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``} | ${cell(node.description ?? '')} |`
const HEAD = '| setting | what it may be | left out | what it does |\n|---|---|---|---|\n'

/** Settings below `prefix`, one a line; objectives by kind. */
function rows(prefix: string, node: Property): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) => {
    const name = prefix + key
    if (name === 'version' || name === 'model.mixers' || name === 'objective') return []
    if (inner.oneOf)
      return [row(`${name}.kind`, { enum: inner.oneOf.map((one) => String(one.properties!.kind.const)), description: inner.description })]
    const own = inner.properties && !inner.description ? [] : [row(name, inner)]
    return [...own, ...rows(`${name}.`, inner)]
  })
}

/** docs/settings.md, in Markdown. */
export function settingsTable(): string {
  const schema = runConfigJsonSchema() as unknown as Property
  const objectives = schema.properties!.objective.oneOf!
  const options = schema.properties!.model.properties!.mixers.properties!
  return [
    '# Settings of a run\n\nWritten by `node projects/config/table.ts` from the JSON schema that also checks them. `strand train --set NAME=VALUE`.\n',
    `## The run\n\n${HEAD}${rows('', schema).join('\n')}\n`,
    '## Objectives\n',
    ...objectives.map((one) => {
      const { kind, ...rest } = one.properties!
      const table = Object.entries(rest).map(([key, node]) => row(`objective.${key}`, node))
      return `### ${String(kind.const)}\n\n${kind.description}.\n${table.length ? `\n${HEAD}${table.join('\n')}\n` : ''}`
    }),
    '## Mixers\n',
    ...Object.entries(options).map(([name, node]) => {
      const { title, citation } = mixers[name]
      const table = Object.entries(node.properties!).map(([key, option]) => row(`model.mixers.${name}.${key}`, option))
      return `### ${title}\n\n${citation}.\n\n${HEAD}${table.join('\n')}\n`
    }),
  ].join('\n')
}
