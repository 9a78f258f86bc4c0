import { Command, CommanderError } from 'commander'
import { VERSION } from '../core/version.ts'
import { dataCommands } from './commands/data.ts'
import { doctorCommand } from './commands/doctor.ts'
import { importCommands } from './commands/import.ts'
import { resultCommands } from './commands/results.ts'
import { synthCommand } from './commands/synth.ts'
import { trainCommands } from './commands/train.ts'

const program = new Command('strand')
  .description('Train, evaluate, sample and export sequence models from the command line.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError(false)

importCommands(program)
dataCommands(program)
synthCommand(program)
trainCommands(program)
resultCommands(program)
doctorCommand(program)
for (const command of program.commands) command.exitOverride()

// a closed pipe ("strand runs | head") is the reader's choice, not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // commander has printed the sentence; 2 says that the command line was wrong, 0 that help or the version was asked for
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
