import type { ErrorCode } from '../../main/contract/errors.ts'

/** A heading and the next step for each code. The sentence between them comes with the error and names the place. */
export interface ErrorText {
  title: string
  next: string
}

export const errorTexts: Record<ErrorCode, ErrorText> = {
  'bad-input': { title: 'That value does not fit', next: 'Change it and try again.' },
  'not-found': { title: 'It is not here any more', next: 'It may have been deleted in another window.' },
  busy: { title: 'Something else is using it', next: 'Wait until it has ended, or cancel it.' },
  cancelled: { title: 'Cancelled', next: 'Nothing was changed.' },
  'import/unknown-format': { title: 'Strand does not know this kind of file', next: 'Say what it is, or choose another file.' },
  'import/empty': { title: 'There is nothing in this file', next: 'Choose another file.' },
  'import/bad-record': { title: 'A record cannot be read', next: 'Correct the line, or leave bad records out.' },
  'import/truncated': { title: 'The file ends too early', next: 'Get the file again; it was cut short.' },
  'import/lying-header': { title: 'The header does not match the content', next: 'Save the file again with the program that made it.' },
  'import/too-large': { title: 'The file is too large', next: 'Split it, or free some memory.' },
  'import/incomplete': { title: 'It needs another file', next: 'Drop both together.' },
  'database/newer': { title: 'This project was written by a newer Strand', next: 'Open it with that version.' },
  'database/damaged': { title: 'The project file is damaged', next: 'Restore the folder from a copy.' },
  'disk-full': { title: 'The disk is full', next: 'Free some space and try again.' },
  'no-gpu': { title: 'There is no graphics adapter to use', next: 'Choose the CPU instead.' },
  'gpu-lost': { title: 'The graphics adapter went away', next: 'Resume the run; it continues from its last checkpoint.' },
  'worker-crashed': { title: 'A part of Strand ended without warning', next: 'Resume the run; it continues from its last checkpoint.' },
  diverged: { title: 'The loss stopped being a number', next: 'Lower the learning rate and start again.' },
  'config/invalid': { title: 'The recipe has a value that cannot work', next: 'Correct it and start again.' },
  'export/self-test': { title: 'The written file did not pass its test', next: 'Export again; do not use that folder.' },
  internal: { title: 'Something in Strand went wrong', next: 'Try again.' },
}

export const errorText = (code: string): ErrorText => errorTexts[code as ErrorCode] ?? errorTexts.internal
