// node datasets/synthetic/table.ts: writes docs/tasks.md from the tasks' own descriptions.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeTasks } from './describeTasks.ts'

const sections = describeTasks().map(
  ({ id, title, description, citation, options }) => `## ${title} (\`${id}\`)

${description} Source: ${citation}.

| option | default | |
| --- | --- | --- |
${options.map(({ key, default: usual, help }) => `| \`${key}\` | ${String(usual)} | ${help.replaceAll('|', '\\|')} |`).join('\n')}
`,
)
writeFileSync(
  join(import.meta.dirname, '../../docs/tasks.md'),
  `# Generated tasks

Made by \`node datasets/synthetic/table.ts\`. A task is data made by a rule, so that the right answer is known. \`strand synth TASK --project FOLDER
--set key=value --seed 1\` makes one; Home has a card for each. The same options and seed give the same dataset, with the same hash.

A token task asks for an id at some positions of each record; the other positions are not scored. It is trained with the \`label-each\` objective, which
presets choose by themselves. \`data.curriculum_steps\` and \`data.curriculum_start\` let the longest record drawn grow during training (Bengio et al. 2009).
Evaluation tells the share of answers right, of records without a mistake and of last answers right, also by length; records are read whole, however long.

${sections.join('\n')}`,
)
