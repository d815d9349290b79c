import type { ImsPhone } from '../src/ims-phone.ts';
import { type AskingPanel, createAskingPanel } from './asking-panel.ts';
import { element, write } from './elements.ts';
import { hearingWords, numbersRows, type Reading, setUpWords, videoRows } from './numbers-words.ts';

/** As often as the node hears new reports; each time is a message that somebody pays for. */
const REFRESH_MS = 5_000;

/** How the call is beyond the browser, asked of the node while the user looks at it. */
export function createNumbersView(phone: ImsPhone): AskingPanel {
  let before: Reading | undefined;
  return createAskingPanel({
    id: 'numbers',
    refreshMs: REFRESH_MS,
    failure: 'The numbers cannot be shown.',
    ask: (call) => phone.numbers(call.id),
    isDue: (call) => call.phase !== 'ended',
    draw(numbers) {
      const now = { numbers, atMs: performance.now() };
      draw(now, before);
      before = now;
    },
    clear() {
      for (const id of ['hearing', 'set-up']) write(element(id, HTMLElement), '');
      element('numbers-rows', HTMLElement).replaceChildren();
      before = undefined;
    },
  });
}

function draw(now: Reading, before: Reading | undefined): void {
  const { numbers } = now;
  write(element('hearing', HTMLElement), hearingWords(numbers).join(' · '));
  write(element('set-up', HTMLElement), setUpWords(numbers));
  element('numbers-rows', HTMLElement).replaceChildren(
    ...[...numbersRows(numbers), ...videoRows(now, before)].map(([what, access, ims]) => {
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
