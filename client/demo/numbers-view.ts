import type { CallNumbers, ImsPhone } from '../src/ims-phone.ts';
import { type AskingPanel, createAskingPanel } from './asking-panel.ts';
import { element, write } from './elements.ts';
import { hearingWords, numbersRows, setUpWords } from './numbers-words.ts';

/** As often as the node hears new reports; each time is a message that somebody pays for. */
const REFRESH_MS = 5_000;

/** How the call is beyond the browser, asked of the node while the user looks at it. */
export const createNumbersView = (phone: ImsPhone): AskingPanel =>
  createAskingPanel({
    id: 'numbers',
    refreshMs: REFRESH_MS,
    failure: 'The numbers cannot be shown.',
    ask: (call) => phone.numbers(call.id),
    isDue: (call) => call.phase !== 'ended',
    draw,
    clear() {
      for (const id of ['hearing', 'set-up']) write(element(id, HTMLElement), '');
      element('numbers-rows', HTMLElement).replaceChildren();
    },
  });

function draw(numbers: CallNumbers): void {
  write(element('hearing', HTMLElement), hearingWords(numbers).join(' · '));
  write(element('set-up', HTMLElement), setUpWords(numbers));
  element('numbers-rows', HTMLElement).replaceChildren(
    ...numbersRows(numbers).map(([what, access, ims]) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = what;
      row.append(head, ...[access, ims].map(cell));
      return row;
    }),
  );
}

function cell(words: string): HTMLTableCellElement {
  const made = document.createElement('td');
  made.textContent = words;
  return made;
}
